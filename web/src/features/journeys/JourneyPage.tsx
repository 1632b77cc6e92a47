import { t } from '../../app/messages';
import { Page } from '../../ui/Page';

export function JourneyPage() {
  return <Page title={t('shell.journeys')}>{null}</Page>;
}
