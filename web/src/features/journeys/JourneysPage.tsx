import { t } from '../../app/messages';
import { Page } from '../../ui/Page';

export function JourneysPage() {
  return <Page title={t('shell.journeys')}>{null}</Page>;
}
