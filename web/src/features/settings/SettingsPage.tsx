import { t } from '../../app/messages';
import { Page } from '../../ui/Page';

export function SettingsPage() {
  return <Page title={t('shell.settings')}>{null}</Page>;
}
