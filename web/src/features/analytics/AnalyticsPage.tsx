/** Questions over the datapoints: the question is in the address, the answer beside its builder. */
import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { t } from '../../app/messages';
import './texts';
import { CopyButton } from '../../ui/CopyButton';
import { Page, Sheet } from '../../ui/Page';
import { useOpened, workspaceQuery } from '../../ui/workspace';
import classes from './AnalyticsPage.module.css';
import { AnswerSheet } from './AnswerSheet';
import { EventList } from './EventList';
import { FunnelSentence } from './FunnelSentence';
import { asked, type Draft, NEW_FUNNEL, turned } from './question';
import type { Members } from './search';
import { TrendSentence } from './TrendSentence';

const route = getRouteApi('/analytics');

/** Put another question in the place of the present one; `quiet`: the present one need not be come back to. */
export type Edit = (draft: Draft, quiet?: boolean) => void;

export function AnalyticsPage() {
  const { q: draft = NEW_FUNNEL, who } = route.useSearch();
  const navigate = route.useNavigate();
  const opened = useOpened();
  const zone = useQuery(workspaceQuery).data?.timezone ?? 'UTC';
  const question = useMemo(
    () => (opened === undefined ? undefined : asked(draft, opened, zone)),
    [draft, opened, zone],
  );
  const edit: Edit = useCallback(
    (next, quiet = false) => navigate({ search: { q: next }, replace: quiet }),
    [navigate],
  );
  const look = useCallback(
    (members: Members | undefined) => navigate({ search: (now) => ({ ...now, who: members }) }),
    [navigate],
  );
  return (
    <Page
      title={t('analytics.title')}
      aside={
        <SegmentedControl
          aria-label={t('analytics.kind')}
          value={draft.kind}
          data={[
            { value: 'funnel', label: t('analytics.funnel') },
            { value: 'trend', label: t('analytics.trend') },
          ]}
          onChange={(kind) => edit(turned(draft, kind as Draft['kind']))}
        />
      }
      actions={<CopyButton text={() => window.location.href} label={t('analytics.link')} />}
    >
      <div className={classes.page}>
        <section className={classes.question} aria-label={t('analytics.question')}>
          <Sheet>
            {draft.kind === 'funnel' ? (
              <FunnelSentence draft={draft} zone={zone} onEdit={edit} />
            ) : (
              <TrendSentence draft={draft} zone={zone} onEdit={edit} />
            )}
          </Sheet>
          <EventList draft={draft} onEdit={edit} />
        </section>
        <AnswerSheet key={draft.kind} draft={draft} question={question} who={who} onLook={look} />
      </div>
    </Page>
  );
}
