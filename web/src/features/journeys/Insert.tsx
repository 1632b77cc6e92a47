/** Which node to put on a way, or behind a loose end. */
import { Modal } from '@mantine/core';
import type { Schemas } from '../../api/client';
import { t } from '../../app/messages';
import type { Graph, Way } from '../../canvas/graph';
import { TypeList } from './Palette';

interface Props {
  graph: Graph;
  way: Way;
  types: readonly Schemas['NodeType'][];
  onAdd: (type: string) => void;
  onClose: () => void;
}

export default function Insert({ graph, way, types, onAdd, onClose }: Props) {
  const from = graph.nodes.find((node) => node.id === way.from);
  const to = graph.nodes.find((node) => node.id === from?.outlets[way.outlet]);
  const between = t('canvas.between', { from: from?.title ?? '', to: to?.title ?? '' });
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        to === undefined
          ? t('canvas.insert.loose', { from: from?.title ?? '' })
          : t('canvas.insert', { between })
      }
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <TypeList types={types.filter((type) => type.family !== 'trigger')} onAdd={onAdd} />
    </Modal>
  );
}
