/** Keys, workspaces, and the account. */
import { Stack } from '@mantine/core';
import { learn, t } from '../../app/messages';
import { settings as texts } from '../../app/messages/settings';
import { Page } from '../../ui/Page';
import { Account } from './Account';
import { Keys } from './Keys';
import { Uncertain } from './Uncertain';
import { Workspaces } from './Workspaces';

learn(texts);

export function SettingsPage() {
  return (
    <Page title={t('settings.title')}>
      <Stack gap="lg">
        <Keys />
        <Uncertain />
        <Workspaces />
        <Account />
      </Stack>
    </Page>
  );
}
