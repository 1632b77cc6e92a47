/** Sign-in; on the first run of a server, the making of its first account. */
import { Alert, Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { CircleAlert } from 'lucide-react';
import { useState } from 'react';
import { setUp, signIn } from '../api/session';
import { explain } from '../ui/explain';
import { Mark } from '../ui/Mark';
import { t } from './messages';
import classes from './SignIn.module.css';

const SHORTEST_PASSWORD = 12;

export function SignIn({ firstRun = false }: { firstRun?: boolean }) {
  const title = t(firstRun ? 'setUp.title' : 'signIn.title');
  useDocumentTitle(`${title} · ${t('app.name')}`);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const enter = useMutation({
    mutationFn: () => (firstRun ? setUp : signIn)(email, password),
    meta: { quiet: true },
  });

  return (
    <main className={classes.ground}>
      <form
        className={classes.sheet}
        onSubmit={(event) => {
          event.preventDefault();
          enter.mutate();
        }}
      >
        <Mark size={44} />
        <div>
          <Title order={1} size="h3">
            {title}
          </Title>
          <Text c="dimmed" size="sm">
            {t(firstRun ? 'setUp.text' : 'signIn.welcome')}
          </Text>
        </div>
        {enter.isError && <Problem error={enter.error} />}
        <Stack gap="md">
          <TextInput
            label={t('signIn.email')}
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            data-autofocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('signIn.password')}
            description={firstRun ? t('setUp.password.help', { count: SHORTEST_PASSWORD }) : undefined}
            autoComplete={firstRun ? 'new-password' : 'current-password'}
            required
            withAsterisk={false}
            minLength={firstRun ? SHORTEST_PASSWORD : undefined}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" loading={enter.isPending} fullWidth>
            {t(firstRun ? 'setUp.submit' : 'signIn.submit')}
          </Button>
        </Stack>
      </form>
    </main>
  );
}

export function Problem({ error }: { error: unknown }) {
  const { message, fix } = explain(error);
  return (
    <Alert color="red" variant="light" icon={<CircleAlert size={18} />} title={message} role="alert">
      {fix}
    </Alert>
  );
}
