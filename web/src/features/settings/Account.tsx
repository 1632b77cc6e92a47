/** One's account: its password, and the way out. */
import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import { useState } from 'react';
import { session, signOut } from '../../api/session';
import { useStore } from '../../api/store';
import { dateTime, number } from '../../app/format';
import { t } from '../../app/messages';
import { tell } from '../../ui/notices';
import { Problem } from './Problem';
import { useChangePassword } from './queries';
import { Section } from './Section';

const SHORTEST = 12;

export function Account() {
  const state = useStore(session);
  const leave = useMutation({ mutationFn: signOut });
  const user = 'session' in state ? state.session.user : '';
  return (
    <Section
      title={t('settings.account')}
      text={t('settings.account.text', { user })}
      action={
        <Button
          variant="default"
          leftSection={<LogOut size={16} aria-hidden="true" />}
          loading={leave.isPending}
          onClick={() => leave.mutate()}
        >
          {t('shell.signOut')}
        </Button>
      }
    >
      <Text size="sm" mb="md">
        {t('settings.account.locale', { example: `${dateTime(Date.now())} · ${number(1234.5)}` })}
      </Text>
      <PasswordForm user={user} />
    </Section>
  );
}

function PasswordForm({ user }: { user: string }) {
  const change = useChangePassword();
  const [present, setPresent] = useState('');
  const [next, setNext] = useState('');
  return (
    <form
      aria-label={t('settings.password')}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(
          { present, new: next },
          {
            onSuccess: () => {
              setPresent('');
              setNext('');
              tell(t('settings.password.changed'));
            },
          },
        );
      }}
    >
      <Stack gap="sm" maw={420}>
        <Text fw={600}>{t('settings.password')}</Text>
        {change.isError && <Problem error={change.error} />}
        <input type="text" autoComplete="username" value={user} readOnly hidden />
        <PasswordInput
          label={t('settings.password.present')}
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={present}
          onChange={(event) => setPresent(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('settings.password.new')}
          description={t('settings.password.help', { count: SHORTEST })}
          autoComplete="new-password"
          required
          withAsterisk={false}
          minLength={SHORTEST}
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <Group>
          <Button type="submit" loading={change.isPending}>
            {t('settings.password.submit')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
