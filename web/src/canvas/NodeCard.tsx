/** One node on the canvas: what it is, what it is called, and in analytics mode its numbers. */
import { Handle, type NodeProps, Position, useUpdateNodeInternals } from '@xyflow/react';
import { ChartSpline, TriangleAlert } from 'lucide-react';
import { memo, useEffect, useRef } from 'react';
import { number } from '../app/format';
import { t } from '../app/messages';
import { useActs } from './acts';
import classes from './canvas.module.css';
import type { CardNode } from './drawing';
import { type Family, iconOf, LOOKS } from './families';
import { outletName } from './outlets';

export interface CardNumbers {
  entered: number;
  waiting: number;
  gone: number;
}

export interface CardData extends Record<string, unknown> {
  family: Family;
  type: string;
  label: string;
  title: string;
  summary: string;
  outlets: string[];
  issues: number;
  tracked: boolean;
  numbers?: CardNumbers;
}

export const NodeCard = memo(function NodeCard({ id, data }: NodeProps<CardNode>) {
  const Icon = iconOf(data.family, data.type);
  const measure = useUpdateNodeInternals();
  const handles = data.outlets.join('\n');
  const measured = useRef(handles);
  useEffect(() => {
    // Where ways begin is measured, and moves with the handles.
    if (measured.current === handles) return;
    measured.current = handles;
    measure(id);
  }, [measure, id, handles]);
  return (
    <div className={classes.card}>
      {data.family !== 'trigger' && (
        <Handle type="target" position={Position.Top} className={classes.handle} />
      )}
      <div className={classes.head}>
        <span className={classes.icon} style={{ background: LOOKS[data.family].colour }} aria-hidden="true">
          <Icon size={17} />
        </span>
        <span className={classes.names}>
          <span className={classes.type}>{data.label}</span>
          <bdi className={classes.title} title={data.title}>
            {data.title}
          </bdi>
        </span>
        {data.tracked && (
          <span className={classes.tracked} title={t('canvas.tracked')}>
            <ChartSpline size={15} aria-hidden="true" />
            <span className="mp-hidden">{t('canvas.tracked')}</span>
          </span>
        )}
        {data.issues > 0 && (
          <span className={classes.alarm} title={t('canvas.issues', { count: data.issues })}>
            <TriangleAlert size={16} aria-hidden="true" />
            <span className="mp-hidden">{t('canvas.issues', { count: data.issues })}</span>
          </span>
        )}
      </div>
      {data.summary !== '' && <bdi className={classes.summary}>{data.summary}</bdi>}
      {data.numbers !== undefined && (
        <dl className={classes.numbers}>
          <Figure node={id} text={t('canvas.entered')} value={data.numbers.entered} />
          <Figure node={id} text={t('canvas.waiting')} value={data.numbers.waiting} />
          <Figure
            node={id}
            text={t(data.family === 'end' ? 'canvas.finished' : 'canvas.gone')}
            value={data.numbers.gone}
          />
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
          title={outletName(outlet)}
        />
      ))}
    </div>
  );
});

/** By keyboard, the tab Statistics of the node's panel leads to the same; so the numbers are no stops on the way. */
function Figure({ node, text, value }: { node: string; text: string; value: number }) {
  const acts = useActs();
  return (
    <div>
      <dt>{text}</dt>
      <dd>
        <button
          type="button"
          tabIndex={-1}
          className={`${classes.figure} nodrag`}
          title={t('canvas.numbers')}
          onClick={(event) => {
            event.stopPropagation();
            acts.numbers(node);
          }}
        >
          {number(value)}
        </button>
      </dd>
    </div>
  );
}
