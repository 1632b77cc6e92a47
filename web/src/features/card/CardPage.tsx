import { t } from '../../app/messages';
import { Page } from '../../ui/Page';

export function CardPage() {
  return <Page title={t('shell.profiles')}>{null}</Page>;
}
