/** A way from one node to another: its name and number on it, and in a draft a button that puts a node there. */
import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps, getSmoothStepPath } from '@xyflow/react';
import { Plus } from 'lucide-react';
import { memo } from 'react';
import { t } from '../app/messages';
import { useActs } from './acts';
import classes from './canvas.module.css';

export interface WayData extends Record<string, unknown> {
  outlet: string;
  name: string;
  count: string;
  between: string;
}
export type WayEdge = Edge<WayData, 'way'>;

export const WayLine = memo(function WayLine(props: EdgeProps<WayEdge>) {
  const { data, source } = props;
  const acts = useActs();
  const [path, x, y] = getSmoothStepPath({ ...props, borderRadius: 12 });
  const said = data !== undefined && data.name + data.count !== '';
  return (
    <>
      <BaseEdge path={path} markerEnd={props.markerEnd} interactionWidth={24} />
      {data !== undefined && (said || !acts.readOnly) && (
        <EdgeLabelRenderer>
          <div
            className={`${classes.way} nodrag nopan`}
            data-way={props.id}
            data-selected={props.selected || undefined}
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
          >
            {said && (
              <span className={classes.wayText}>
                {data.name !== '' && <bdi>{data.name}</bdi>}
                {data.name !== '' && data.count !== '' && ' · '}
                {data.count !== '' && <strong>{data.count}</strong>}
              </span>
            )}
            {!acts.readOnly && (
              <button
                type="button"
                className={classes.insert}
                aria-label={t('canvas.insert', { between: data.between })}
                title={t('canvas.insert.title')}
                onClick={() => acts.insert({ from: source, outlet: data.outlet })}
              >
                <Plus size={14} aria-hidden="true" />
              </button>
            )}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
