/** The card of a customer: who it is, everything that happened, and where they are now (D-2.6). */
import { Anchor, Button } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft, UserX } from 'lucide-react';
import { ApiError } from '../../api/errors';
import { t } from '../../app/messages';
import { calledBy } from '../../ui/called';
import { Sheet } from '../../ui/Page';
import { Empty, Failed, LoadingRows } from '../../ui/states';
import { ActivityStream } from './ActivityStream';
import classes from './CardPage.module.css';
import { Identity } from './Identity';
import { cardQuery } from './queries';
import { Standings } from './Standings';

const route = getRouteApi('/profiles/$id');

export function CardPage() {
  const { id } = route.useParams();
  const card = useQuery(cardQuery(id));
  const who = card.data;
  useDocumentTitle(`${who === undefined ? t('profiles.title') : calledBy(who)} · ${t('app.name')}`);
  if (who === undefined) {
    const isMissing = card.error instanceof ApiError && card.error.status === 404;
    return (
      <div className={classes.alone}>
        <Sheet>
          {isMissing ? (
            <Empty icon={<UserX size={26} />} title={t('card.missing.title')} text={t('card.missing.text')}>
              <Button variant="default" renderRoot={(props) => <Link to="/profiles" {...props} />}>
                {t('card.back')}
              </Button>
            </Empty>
          ) : card.isError ? (
            <Failed error={card.error} onRetry={() => card.refetch()} />
          ) : (
            <LoadingRows rows={9} />
          )}
        </Sheet>
      </div>
    );
  }
  return (
    <div className={classes.page}>
      <div className={classes.back}>
        <Anchor size="sm" renderRoot={(props) => <Link to="/profiles" {...props} />}>
          <ArrowLeft size={14} aria-hidden="true" /> {t('card.back')}
        </Anchor>
      </div>
      <Identity who={who} />
      <ActivityStream key={who.profile} id={String(who.profile)} />
      <Standings who={who} />
    </div>
  );
}
