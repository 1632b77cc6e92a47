/** The end of a demo: said before what it means; afterwards one is in a workspace of one's own. */
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { hereNow } from '../../api/session';
import { t } from '../../app/messages';
import { Confirm } from '../../ui/Confirm';
import { tell } from '../../ui/notices';
import { useDeleteWorkspace } from './queries';

/** `own`: where to go when this was the workspace that one is in. */
export function DeleteDemo({ name, own }: { name: string; own: string }) {
  const [opened, { open, close }] = useDisclosure(false);
  const remove = useDeleteWorkspace();
  const navigate = useNavigate();
  const leave = async () => {
    if (hereNow() === name) await navigate({ to: '/journeys', search: { workspace: own } });
    tell(t('settings.demo.deleted', { name }));
  };
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<Trash2 size={14} aria-hidden="true" />}
        aria-label={`${t('settings.demo.delete')}: ${name}`}
        onClick={open}
      >
        {t('settings.demo.delete')}
      </Button>
      <Confirm
        opened={opened}
        title={t('settings.demo.delete.title', { name })}
        text={t('settings.demo.delete.text', { own })}
        confirm={t('settings.demo.delete.confirm')}
        danger
        busy={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate({ name, leave }, { onSettled: close })}
      />
    </>
  );
}
