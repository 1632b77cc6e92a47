/** Somebody else saved the draft, or deleted it, while it was drawn here: what was drawn can be kept either way. */
import { Button, Group, Modal, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { t } from '../../app/messages';
import type { Graph } from '../../canvas/graph';
import { tellError } from '../../ui/notices';
import { definitionOf } from './definition';
import { useCreateJourney } from './queries';

interface Props {
  mine: Graph;
  gone: boolean;
  onTheirs: () => Promise<void>;
}

export default function Clash({ mine, gone, onTheirs }: Props) {
  const create = useCreateJourney();
  const navigate = useNavigate();
  const name = t('canvas.copyName', { name: mine.name.slice(0, 190) });
  const keep = async () => {
    const copy = await create.mutateAsync({ ...definitionOf(mine), name });
    navigate({ to: '/journeys/$id', params: { id: copy.id } });
  };
  const take = useMutation({ mutationFn: onTheirs, onError: tellError });
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      title={t(gone ? 'canvas.gone.title' : 'canvas.conflict.title')}
      centered
    >
      <Text size="sm">{t(gone ? 'canvas.gone.text' : 'canvas.conflict.text')}</Text>
      <Group justify="flex-end" mt="lg">
        {gone ? (
          <Button variant="default" onClick={() => navigate({ to: '/journeys' })}>
            {t('canvas.gone.leave')}
          </Button>
        ) : (
          <Button variant="default" loading={take.isPending} onClick={() => take.mutate()}>
            {t('canvas.conflict.theirs')}
          </Button>
        )}
        <Button loading={create.isPending} onClick={keep} data-autofocus>
          {t('canvas.conflict.copy')}
        </Button>
      </Group>
    </Modal>
  );
}
