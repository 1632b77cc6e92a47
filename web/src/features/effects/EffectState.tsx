/** The state of an effect, told by icon, word and colour. */
import { CircleCheck, CircleDashed, CircleHelp, CircleMinus, CircleX, LoaderCircle } from 'lucide-react';
import { t } from '../../app/messages';
import classes from './effects.module.css';
import type { State } from './search';

const ICONS = {
  pending: CircleDashed,
  sending: LoaderCircle,
  sent: CircleCheck,
  failed: CircleX,
  skipped: CircleMinus,
  uncertain: CircleHelp,
} as const;

export function EffectState({ state }: { state: State }) {
  const Icon = ICONS[state];
  return (
    <span className={classes.state} data-state={state}>
      <Icon size={14} aria-hidden="true" />
      {t(`effects.state.${state}`)}
    </span>
  );
}
