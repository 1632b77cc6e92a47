import { t } from '../../app/messages';
import { Page } from '../../ui/Page';

export function AnalyticsPage() {
  return <Page title={t('shell.analytics')}>{null}</Page>;
}
