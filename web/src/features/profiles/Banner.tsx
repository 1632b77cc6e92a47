/** What the list of a node speaks of: which node, tracked when, and how its number relates to the counter. */
import { Anchor, Button, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { ArrowLeft, Filter } from 'lucide-react';
import type { Schemas } from '../../api/client';
import { dateTime } from '../../app/format';
import { t } from '../../app/messages';
import classes from './Banner.module.css';

interface Props {
  journey: string;
  name: string | undefined;
  node: string;
  title: string;
  found: Schemas['ShowInCrm'] | undefined;
}

export function Banner({ journey, name, node, title, found }: Props) {
  return (
    <section className={classes.banner} aria-label={t('crm.banner')}>
      <span className={classes.icon} aria-hidden="true">
        <Filter size={18} />
      </span>
      <div className={classes.words}>
        <Text component="h2" size="md" fw={650} className="mp-name">
          {t('crm.title', { node: title })}
        </Text>
        {name !== undefined && (
          <Text size="sm">
            {t('crm.of')}{' '}
            <Anchor
              className="mp-name"
              renderRoot={(props) => <Link to="/journeys/$id" params={{ id: journey }} {...props} />}
            >
              {name}
            </Anchor>
          </Text>
        )}
        {found !== undefined && found.intervals.length > 0 && (
          <>
            <Text size="sm" mt={6}>
              {t('crm.intervals')} {found.intervals.map(interval).join(', ')}.{' '}
              {!found.tracked && t('crm.off')}
            </Text>
            <Text size="sm">
              {found.total < found.entered
                ? t('crm.why', { entered: found.entered })
                : t('crm.equal', { entered: found.entered })}
            </Text>
          </>
        )}
      </div>
      <Group gap="xs" className={classes.ways}>
        <Button
          size="xs"
          variant="default"
          leftSection={<ArrowLeft size={16} aria-hidden="true" />}
          renderRoot={(props) => (
            <Link to="/journeys/$id" params={{ id: journey }} search={{ node, analytics: true }} {...props} />
          )}
        >
          {t('crm.back')}
        </Button>
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => <Link to="/profiles" search={{}} {...props} />}
        >
          {t('crm.all')}
        </Button>
      </Group>
    </section>
  );
}

function interval({ from, to }: Schemas['TrackedInterval']): string {
  return to === null || to === undefined
    ? t('crm.since', { from: dateTime(from) })
    : t('crm.between', { from: dateTime(from), to: dateTime(to) });
}
