/** Who may see what: the first run, the sign-in, or the app; the session's end is asked about on top of the app. */
import { Center, Loader } from '@mantine/core';
import { useEffect, useState } from 'react';
import { readSession, session } from '../api/session';
import { useStore } from '../api/store';
import { Failed } from '../ui/states';
import { ExpiredDialog } from './ExpiredDialog';
import { t } from './messages';
import { Shell } from './Shell';
import { SignIn } from './SignIn';

export function Root() {
  const state = useStore(session);
  const [error, setError] = useState<unknown>();
  const [tries, setTries] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each try asks once
  useEffect(() => {
    readSession().catch(setError);
  }, [tries]);

  const retry = () => {
    setError(undefined);
    setTries(tries + 1);
  };

  switch (state.status) {
    case 'unknown':
      if (error !== undefined) return <Failed error={error} onRetry={retry} />;
      return (
        <Center h="100%">
          <Loader aria-label={t('common.loading')} />
        </Center>
      );
    case 'first_run':
      return <SignIn firstRun />;
    case 'out':
      return <SignIn />;
    case 'in':
    case 'expired':
      return (
        <>
          <Shell session={state.session} />
          {state.status === 'expired' && <ExpiredDialog user={state.session.user} />}
        </>
      );
  }
}
