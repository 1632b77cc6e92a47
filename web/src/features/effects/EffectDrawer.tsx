/** One effect with every attempt; of one that is uncertain, a person says here what it is to count as. */
import { Anchor, Button, Drawer, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { preciseTime } from '../../app/format';
import { t } from '../../app/messages';
import { Confirm } from '../../ui/Confirm';
import { CopyButton } from '../../ui/CopyButton';
import { calledBy } from '../../ui/called';
import { Failed, LoadingRows } from '../../ui/states';
import { EffectState } from './EffectState';
import classes from './effects.module.css';
import { type Decision, effectQuery, useDecide, type WholeEffect } from './queries';
import { reasonOf } from './reason';

export function EffectDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const effect = useQuery({ ...effectQuery(id ?? ''), enabled: id !== undefined });
  const { data } = effect;
  const channel = t(`effects.channel.${data?.channel === 'email' ? 'email' : 'webhook'}`);
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={
        data === undefined ? (
          t('effects.title')
        ) : (
          <bdi>{t('effect.title', { channel, name: calledBy(data.profile) })}</bdi>
        )
      }
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {data !== undefined ? (
        <Whole effect={data} />
      ) : effect.isError ? (
        <Failed error={effect.error} onRetry={() => effect.refetch()} />
      ) : (
        <LoadingRows rows={4} />
      )}
    </Drawer>
  );
}

function Whole({ effect }: { effect: WholeEffect }) {
  const response = effect.result.response;
  return (
    <Stack gap="lg">
      <div>
        <Group gap="sm" mb={6}>
          <EffectState state={effect.state} />
          <Text size="sm" c="dimmed">
            {preciseTime(effect.created)}
          </Text>
        </Group>
        {effect.reason !== '' && (
          <Text size="sm" mb={6}>
            {reasonOf(effect.reason)}
          </Text>
        )}
        {effect.decision !== null && (
          <Text size="sm" mb={6}>
            {t(`effect.decision.${effect.decision.decision}`, {
              who: effect.decision.by === 'rule' ? t('effect.decision.rule') : effect.decision.by,
              time: preciseTime(effect.decision.at),
            })}
          </Text>
        )}
        <Group gap="md">
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link to="/profiles/$id" params={{ id: String(effect.profile.profile) }} {...props} />
            )}
          >
            {t('effect.card')}
          </Anchor>
          {effect.journey !== '' && (
            <Anchor
              size="sm"
              renderRoot={(props) => (
                <Link
                  to="/journeys/$id"
                  params={{ id: effect.journey }}
                  search={{ node: effect.node }}
                  {...props}
                />
              )}
            >
              {t('effect.canvas')}
            </Anchor>
          )}
        </Group>
      </div>
      {effect.state === 'uncertain' && <Decide id={effect.id} />}
      <section>
        <Title order={3} size="h5" mb={4}>
          {t('effect.tries')}
        </Title>
        {effect.tries.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t(effect.provider === 'sandbox' ? 'effect.tries.sandbox' : 'effect.tries.none')}
          </Text>
        ) : (
          <ol className={classes.tries}>
            {effect.tries.map((one) => (
              <li key={one.number} className={classes.try}>
                <strong>{t('effect.try', { number: one.number })}</strong> ·{' '}
                {t(`effect.outcome.${one.outcome}`)}
                <div className={classes.detail}>
                  {preciseTime(one.begun)}
                  {one.milliseconds !== null &&
                    `, ${t('effect.took', { time: t('effect.milliseconds', { count: one.milliseconds }) })}`}
                  {one.milliseconds === null && one.outcome !== 'under_way' && `, ${t('effect.unfinished')}`}
                  {one.provider !== '' && ` · ${one.provider}`}
                </div>
                {one.reason !== '' && <div className={classes.detail}>{one.reason}</div>}
                {one.reference !== '' && (
                  <div className={classes.detail}>
                    {t('effect.reference')}: <bdi>{one.reference}</bdi>
                  </div>
                )}
              </li>
            ))}
          </ol>
        )}
      </section>
      <section>
        <Group justify="space-between" mb={4}>
          <Title order={3} size="h5">
            {t('effect.id')}
          </Title>
          <CopyButton text={effect.id} label={t('common.copy')} />
        </Group>
        <div className={classes.code}>{effect.id}</div>
      </section>
      {effect.payload !== null && <Json title={t('effect.payload')} value={effect.payload} />}
      {typeof response === 'object' && response !== null && Object.keys(response).length > 0 && (
        <Json title={t('effect.answer')} value={response} />
      )}
    </Stack>
  );
}

function Json({ title, value }: { title: string; value: object }) {
  return (
    <section>
      <Title order={3} size="h5" mb={4}>
        {title}
      </Title>
      <div className={classes.code}>{JSON.stringify(value, null, 2)}</div>
    </section>
  );
}

function Decide({ id }: { id: string }) {
  const decide = useDecide(id);
  const [asking, setAsking] = useState(false);
  const say = (decision: Decision) => decide.mutate(decision, { onSettled: () => setAsking(false) });
  return (
    <section className={classes.decide}>
      <Title order={3} size="h5" mb={4}>
        {t('effect.decide')}
      </Title>
      <Text size="sm" mb="sm">
        {t('effect.decide.text')}
      </Text>
      <Group gap="xs">
        <Button size="xs" disabled={decide.isPending} onClick={() => say('sent')}>
          {t('effect.decide.sent')}
        </Button>
        <Button size="xs" variant="default" disabled={decide.isPending} onClick={() => setAsking(true)}>
          {t('effect.decide.send_again')}
        </Button>
        <Button size="xs" variant="default" disabled={decide.isPending} onClick={() => say('leave')}>
          {t('effect.decide.leave')}
        </Button>
      </Group>
      <Confirm
        opened={asking}
        title={t('effect.decide.again.title')}
        text={t('effect.decide.again.text')}
        confirm={t('effect.decide.send_again')}
        busy={decide.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() => say('send_again')}
      />
    </section>
  );
}
