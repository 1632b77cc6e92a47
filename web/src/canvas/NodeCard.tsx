/** One node on the canvas: what it is, what it is called, and in analytics mode its numbers. */
import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import { t } from '../app/messages';
import classes from './canvas.module.css';
import { type Family, LOOKS } from './families';

export interface CardNumbers {
  entered: number;
  waiting: number;
  gone: number;
}

export interface CardData extends Record<string, unknown> {
  family: Family;
  label: string;
  title: string;
  summary: string;
  outlets: string[];
  issues: number;
  numbers?: CardNumbers;
}

export type CardNode = Node<CardData, 'card'>;

export const NodeCard = memo(function NodeCard({ data, selected }: NodeProps<CardNode>) {
  const { icon: Icon, colour } = LOOKS[data.family];
  return (
    <div className={classes.card} data-selected={selected || undefined}>
      {data.family !== 'trigger' && (
        <Handle type="target" position={Position.Top} className={classes.handle} />
      )}
      <div className={classes.head}>
        <span className={classes.icon} style={{ background: colour }} aria-hidden="true">
          <Icon size={16} />
        </span>
        <span className={classes.names}>
          <span className={classes.type}>{data.label}</span>
          <bdi className={classes.title}>{data.title}</bdi>
        </span>
        {data.issues > 0 && (
          <span className={classes.alarm}>
            <TriangleAlert size={16} aria-hidden="true" />
            <span className="mp-hidden">{t('canvas.issues', { count: data.issues })}</span>
          </span>
        )}
      </div>
      {data.summary !== '' && <bdi className={classes.summary}>{data.summary}</bdi>}
      {data.numbers !== undefined && (
        <dl className={classes.numbers}>
          <Figure text={t('canvas.entered')} value={data.numbers.entered} />
          <Figure text={t('canvas.waiting')} value={data.numbers.waiting} />
          <Figure text={t('canvas.gone')} value={data.numbers.gone} />
        </dl>
      )}
      {data.outlets.map((outlet, index) => (
        <Handle
          key={outlet}
          id={outlet}
          type="source"
          position={Position.Bottom}
          className={classes.handle}
          style={{ left: `${((index + 1) * 100) / (data.outlets.length + 1)}%` }}
          title={outlet}
        />
      ))}
    </div>
  );
});

const numbers = new Intl.NumberFormat();

function Figure({ text, value }: { text: string; value: number }) {
  return (
    <div>
      <dt>{text}</dt>
      <dd>{numbers.format(value)}</dd>
    </div>
  );
}
