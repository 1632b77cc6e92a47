/** The state of a journey, told by icon, word and colour. */
import { CircleCheck, CircleDashed, CirclePause, CirclePlay, Hourglass } from 'lucide-react';
import { t } from '../app/messages';
import classes from './StateBadge.module.css';

export type State = 'draft' | 'active' | 'paused' | 'finishing' | 'finished';

const ICONS = {
  draft: CircleDashed,
  active: CirclePlay,
  paused: CirclePause,
  finishing: Hourglass,
  finished: CircleCheck,
} as const;

export function StateBadge({ state, version }: { state: State; version?: number }) {
  const Icon = ICONS[state];
  return (
    <span className={classes.badge} data-state={state}>
      <Icon size={14} aria-hidden="true" />
      {t(`state.${state}`)}
      {version !== undefined && version > 0 && ` v${version}`}
    </span>
  );
}
