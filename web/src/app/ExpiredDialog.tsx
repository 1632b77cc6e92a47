/** The session has ended: ask for the password over the page, which stays as it is. */
import { Button, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { signIn } from '../api/session';
import { t } from './messages';
import { Problem } from './SignIn';

export function ExpiredDialog({ user }: { user: string }) {
  const [password, setPassword] = useState('');
  const enter = useMutation({ mutationFn: () => signIn(user, password), meta: { quiet: true } });
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      centered
      title={t('expired.title')}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          enter.mutate();
        }}
      >
        <Stack gap="md">
          <Text size="sm">{t('expired.text')}</Text>
          {enter.isError && <Problem error={enter.error} />}
          <TextInput label={t('signIn.email')} value={user} readOnly autoComplete="username" />
          <PasswordInput
            label={t('signIn.password')}
            autoComplete="current-password"
            required
            withAsterisk={false}
            data-autofocus
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" loading={enter.isPending}>
            {t('expired.submit')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
