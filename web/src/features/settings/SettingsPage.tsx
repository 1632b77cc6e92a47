/** Keys, workspaces, and the account. */
import { Stack } from '@mantine/core';
import { t } from '../../app/messages';
import { Page } from '../../ui/Page';
import { Account } from './Account';
import { Keys } from './Keys';
import { Workspaces } from './Workspaces';

export function SettingsPage() {
  return (
    <Page title={t('settings.title')}>
      <Stack gap="lg">
        <Keys />
        <Workspaces />
        <Account />
      </Stack>
    </Page>
  );
}
