/** The journey as a nested list: for screen readers, for printing, and for who would rather read. */
import { Text, UnstyledButton } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { number } from '../../app/format';
import { t } from '../../app/messages';
import { iconOf, LOOKS } from '../../canvas/families';
import type { Graph } from '../../canvas/graph';
import type { CardData } from '../../canvas/NodeCard';
import { outletName } from '../../canvas/outlets';
import classes from './journey.module.css';

interface Props {
  graph: Graph;
  cards: ReadonlyMap<string, CardData>;
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
}

export default function Outline({ graph, cards, selected, onSelect }: Props) {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const led = new Set(graph.nodes.flatMap((node) => Object.values(node.outlets)));
  const shown = new Set<string>();

  /** A node that was listed before is only named, so that ways that meet, and circles, end. */
  const item = (id: string): ReactNode => {
    const node = byId.get(id);
    const card = cards.get(id);
    if (node === undefined || card === undefined) return null;
    const pick = (content: ReactNode) => (
      <UnstyledButton
        className={classes.line}
        aria-current={selected.has(id) || undefined}
        onClick={() => onSelect(new Set([id]))}
      >
        {content}
      </UnstyledButton>
    );
    if (shown.has(id)) return <li key={id}>{pick(t('canvas.outline.goesTo', { title: card.title }))}</li>;
    shown.add(id);
    const Icon = iconOf(card.family, card.type);
    return (
      <li key={id}>
        {pick(
          <>
            <span
              className={classes.dot}
              style={{ background: LOOKS[card.family].colour }}
              aria-hidden="true"
            >
              <Icon size={14} />
            </span>
            <span className={classes.lineText}>
              <bdi>
                <strong>{card.title}</strong>
              </bdi>{' '}
              <Text component="span" size="sm" c="dimmed">
                <bdi>{[card.label, card.summary].filter((text) => text !== '').join(' · ')}</bdi>
              </Text>
            </span>
            {card.issues > 0 && (
              <span className={classes.alarm}>
                <TriangleAlert size={15} aria-hidden="true" /> {t('canvas.issues', { count: card.issues })}
              </span>
            )}
            {card.numbers !== undefined && (
              <Text component="span" size="sm">
                {t('canvas.entered')} <strong>{number(card.numbers.entered)}</strong>
              </Text>
            )}
          </>,
        )}
        {card.outlets.length === 1 ? after(node.outlets[card.outlets[0] ?? '']) : null}
        {card.outlets.length > 1 && (
          <ul className={classes.branches}>
            {card.outlets.map((outlet) => (
              <li key={outlet}>
                <Text size="sm" fw={650} component="bdi">
                  {outletName(outlet)}
                </Text>
                {after(node.outlets[outlet])}
              </li>
            ))}
          </ul>
        )}
      </li>
    );
  };
  const after = (target: string | undefined): ReactNode => (
    <ul className={classes.branches}>
      {target === undefined ? (
        <li>
          <Text size="sm" c="dimmed">
            {t('canvas.outline.nowhere')}
          </Text>
        </li>
      ) : (
        item(target)
      )}
    </ul>
  );

  const beginnings = graph.nodes.filter((node) => !led.has(node.id)).map((node) => item(node.id));
  // What only leads in a circle begins nowhere.
  const rest = graph.nodes
    .filter((node) => !shown.has(node.id))
    .map((node) => !shown.has(node.id) && item(node.id));
  return (
    <section className={classes.outline} aria-label={t('canvas.outline.title')}>
      {graph.nodes.length === 0 ? (
        <Text>{t('canvas.outline.empty')}</Text>
      ) : (
        <ul className={classes.branches}>
          {beginnings}
          {rest}
        </ul>
      )}
    </section>
  );
}
