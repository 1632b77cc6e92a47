/** A draft under the hand: edits with undo, saved by themselves a moment later, never over somebody else's. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { api, data } from '../../api/client';
import { ApiError, Unreachable } from '../../api/errors';
import type { Graph } from '../../canvas/graph';
import { begin, edited, type History, redone, undone } from '../../canvas/history';
import { tellError } from '../../ui/notices';
import { definitionOf, graphOf } from './definition';
import { type Journey, journeyQuery } from './queries';

const PAUSE = 800;
const AGAIN = 3_000;

export interface Drawing {
  graph: Graph;
  revision: number;
}

/** `conflict`: somebody else saved it meanwhile. `gone`: it was deleted. Both wait for a decision; nothing is lost. */
export type Saving = 'saved' | 'unsaved' | 'saving' | 'retrying' | 'conflict' | 'gone';
const WAITS: readonly Saving[] = ['conflict', 'gone'];

/** `first`: the graph of the journey, and the revision that it is of. */
export function useDraft(journey: Journey, first: Drawing) {
  const [history, setHistory] = useState<History<Graph>>(() => begin(first.graph));
  const [saving, setSaving] = useState<Saving>('saved');
  const queries = useQueryClient();
  const drawn = useRef(history);
  const stored = useRef(history.present);
  const revision = useRef(first.revision);
  const state = useRef(saving);
  const running = useRef<Promise<void>>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const soon = useRef<(pause: number) => void>(() => undefined);

  const say = useCallback((next: Saving) => {
    state.current = next;
    setSaving(next);
  }, []);

  /** One after the other, until what is stored is what is drawn. Throws when it could not be stored. */
  const store = useCallback(async () => {
    while (stored.current !== drawn.current.present) {
      const sent = drawn.current.present;
      say('saving');
      const answer = await data(
        api.PUT('/api/v1/journeys/{id}', {
          params: { path: { id: journey.id }, header: { 'If-Match': String(revision.current) } },
          body: definitionOf(sent),
        }),
      );
      revision.current = answer.revision;
      stored.current = sent;
    }
    say('saved');
    queries.invalidateQueries({ queryKey: ['journeys'] });
    await queries.invalidateQueries({ queryKey: ['journey', journey.id] });
  }, [journey.id, queries, say]);

  const save = useCallback(() => {
    clearTimeout(timer.current);
    running.current ??= store().finally(() => {
      running.current = undefined;
    });
    return running.current;
  }, [store]);

  const saveQuietly = useCallback(async () => {
    if (WAITS.includes(state.current)) return;
    const told = state.current === 'retrying';
    try {
      await save();
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) say('conflict');
      else if (error instanceof ApiError && error.status === 404) say('gone');
      else if (error instanceof ApiError && error.status < 500) {
        say('unsaved');
        tellError(error);
      } else {
        say('retrying');
        // That the server is away, the shell says already.
        if (!told && !(error instanceof Unreachable)) tellError(error);
        soon.current(AGAIN);
      }
    }
  }, [save, say]);
  soon.current = (pause) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(saveQuietly, pause);
  };

  const change = useCallback(
    (make: (history: History<Graph>) => History<Graph>) => {
      const before = drawn.current;
      const after = make(before);
      if (after === before) return;
      drawn.current = after;
      setHistory(after);
      if (after.present === before.present || WAITS.includes(state.current)) return;
      if (state.current !== 'retrying') say('unsaved');
      soon.current(PAUSE);
    },
    [say],
  );

  /** What is on the server takes the place of what is drawn; undo brings that back. */
  const adopt = useCallback(
    (present: Graph, theirs: number) => {
      clearTimeout(timer.current);
      drawn.current = edited(drawn.current, present, Date.now());
      stored.current = present;
      revision.current = theirs;
      setHistory(drawn.current);
      say('saved');
    },
    [say],
  );

  // Changed elsewhere while nothing was drawn here: there is nothing to ask.
  useEffect(() => {
    const due = () =>
      running.current === undefined &&
      stored.current === drawn.current.present &&
      journey.revision > revision.current;
    if (!due()) return;
    graphOf(journey.definition).then((graph) => {
      if (due()) adopt(graph, journey.revision);
    });
  }, [journey, adopt]);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (state.current !== 'saved') event.preventDefault();
    };
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, []);

  // Who goes to another screen at once need not wait for the pause to be over.
  useEffect(
    () => () => {
      if (stored.current !== drawn.current.present) saveQuietly();
    },
    [saveQuietly],
  );

  return {
    graph: history.present,
    saving,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    edit: useCallback(
      (make: (graph: Graph) => Graph, place?: string) =>
        change((before) => edited(before, make(before.present), Date.now(), place)),
      [change],
    ),
    undo: useCallback(() => change(undone), [change]),
    redo: useCallback(() => change(redone), [change]),
    /** Throws when it cannot be saved: what follows would act on something else than what is drawn. */
    saveNow: useCallback(async () => {
      await saveQuietly();
      if (stored.current !== drawn.current.present) await save();
    }, [save, saveQuietly]),
    takeTheirs: useCallback(async () => {
      const theirs = await queries.fetchQuery({ ...journeyQuery(journey.id), staleTime: 0 });
      adopt(await graphOf(theirs.definition), theirs.revision);
    }, [adopt, journey.id, queries]),
  };
}
