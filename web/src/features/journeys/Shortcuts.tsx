/** Every key of the canvas. */
import { Kbd, Modal, Table } from '@mantine/core';
import { type MessageKey, t } from '../../app/messages';

const apple = /Mac|iPhone|iPad/.test(navigator.userAgent);
const MOD = t(apple ? 'key.command' : 'key.ctrl');
const SHIFT = t('key.shift');

/** Keys that are pressed together, and several ways. */
const ROWS: readonly (readonly [
  Extract<MessageKey, `canvas.shortcuts.${string}`>,
  readonly (readonly string[])[],
])[] = [
  ['canvas.shortcuts.add', [['A']]],
  ['canvas.shortcuts.go', [[t('key.tab')]]],
  ['canvas.shortcuts.select', [[t('key.enter')]]],
  ['canvas.shortcuts.several', [[SHIFT, t('key.click')]]],
  ['canvas.shortcuts.all', [[MOD, 'A']]],
  ['canvas.shortcuts.branch', [['B']]],
  ['canvas.shortcuts.none', [[t('key.escape')]]],
  ['canvas.shortcuts.move', [[t('key.arrows')], [SHIFT, t('key.arrows')]]],
  ['canvas.shortcuts.delete', [[t('key.delete')]]],
  [
    'canvas.shortcuts.copy',
    [
      [MOD, 'C'],
      [MOD, 'X'],
      [MOD, 'V'],
    ],
  ],
  ['canvas.shortcuts.duplicate', [[MOD, 'D']]],
  [
    'canvas.shortcuts.undo',
    [
      [MOD, 'Z'],
      [MOD, SHIFT, 'Z'],
    ],
  ],
  ['canvas.shortcuts.zoom', [['+'], ['-'], ['1']]],
  ['canvas.shortcuts.help', [['?']]],
];

export default function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('canvas.shortcuts')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Table>
        <Table.Tbody>
          {ROWS.map(([key, ways]) => (
            <Table.Tr key={key}>
              <Table.Th scope="row" fw={400}>
                {t(key)}
              </Table.Th>
              <Table.Td ta="end">
                {ways.map((way) => (
                  <span key={way.join()} style={{ marginInlineStart: 12, whiteSpace: 'nowrap' }}>
                    {way.map((one) => (
                      <Kbd key={one} ml={4}>
                        {one}
                      </Kbd>
                    ))}
                  </span>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
