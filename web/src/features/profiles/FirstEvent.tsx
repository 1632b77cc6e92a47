/** Before there is anybody: leads to a real event, and on to the card that it made. */
import { Button, Loader, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowRight, PartyPopper, Send } from 'lucide-react';
import { api, data } from '../../api/client';
import { t } from '../../app/messages';
import { Command } from '../../ui/Command';
import { calledBy } from '../../ui/called';
import type { Row } from './columns';
import classes from './FirstEvent.module.css';

export function FirstEvent({ first }: { first: Row | undefined }) {
  const queries = useQueryClient();
  const key = useMutation({
    mutationFn: () => data(api.POST('/api/v1/keys', { body: { name: t('first.key.name') } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  });
  return (
    <div className={classes.guide}>
      <div className={classes.icon} aria-hidden="true">
        {first === undefined ? <Send size={26} /> : <PartyPopper size={26} />}
      </div>
      <Title order={2} size="h4">
        {t(first === undefined ? 'first.title' : 'first.arrived.title')}
      </Title>
      {first === undefined && (
        <>
          <Text c="dimmed">{t('first.text')}</Text>
          {key.data === undefined ? (
            <>
              <Text size="sm" c="dimmed">
                {t('first.key.text')}
              </Text>
              <Button loading={key.isPending} onClick={() => key.mutate()}>
                {t('first.key')}
              </Button>
            </>
          ) : (
            <Command label={t('first.command')} text={command(key.data.key)} />
          )}
        </>
      )}
      <div role="status" className={classes.waiting}>
        {first === undefined ? (
          <>
            <Loader size="xs" type="dots" aria-hidden="true" /> {t('first.waiting')}
          </>
        ) : (
          t('first.arrived.text', { name: calledBy(first) })
        )}
      </div>
      {first !== undefined && (
        <Button
          rightSection={<ArrowRight size={16} aria-hidden="true" />}
          renderRoot={(props) => (
            <Link to="/profiles/$id" params={{ id: String(first.profile) }} {...props} />
          )}
        >
          {t('first.arrived.open')}
        </Button>
      )}
    </div>
  );
}

function command(key: string): string {
  const event = {
    profile: { email: 'ada@example.com' },
    action: 'page.visit',
    params: { url: '/shoes' },
  };
  return [
    `curl ${window.location.origin}/api/v1/events \\`,
    `  -H 'Authorization: Bearer ${key}' \\`,
    `  -d '${JSON.stringify(event)}'`,
  ].join('\n');
}
