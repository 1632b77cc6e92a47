/** Undo and redo: a stack of states. Edits of one place in quick succession, as typing, are one step. Pure. */

export interface History<T> {
  past: T[];
  present: T;
  future: T[];
  /** What the last edit was of, and when. */
  place?: string;
  at: number;
}

const TOGETHER = 1_000;
const MOST = 100;

export const begin = <T>(present: T): History<T> => ({ past: [], present, future: [], at: 0 });

/** After an edit; `place` names what was edited, so that typing can be undone as a whole. */
export function edited<T>(history: History<T>, present: T, now: number, place?: string): History<T> {
  if (present === history.present) return history;
  const same = place !== undefined && place === history.place && now - history.at < TOGETHER;
  const past = same ? history.past : [...history.past, history.present].slice(-MOST);
  return { past, present, future: [], place, at: now };
}

export function undone<T>({ past, present, future }: History<T>): History<T> {
  const last = past.at(-1);
  return last === undefined
    ? { past, present, future, at: 0 }
    : { past: past.slice(0, -1), present: last, future: [present, ...future], at: 0 };
}

export function redone<T>({ past, present, future }: History<T>): History<T> {
  const [next, ...rest] = future;
  return next === undefined
    ? { past, present, future, at: 0 }
    : { past: [...past, present], present: next, future: rest, at: 0 };
}
