/** A draft under the hand: edits with undo, saved by themselves a moment later, never over somebody else's. */
import { useDebouncedCallback } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { api, data } from '../../api/client';
import { ApiError } from '../../api/errors';
import type { Graph } from '../../canvas/graph';
import { begin, edited, type History, redone, undone } from '../../canvas/history';
import { tellError } from '../../ui/notices';
import { definitionOf, graphOf } from './definition';
import type { Journey } from './queries';

const PAUSE = 800;

export type Saving = 'saved' | 'unsaved' | 'saving' | 'conflict';

export function useDraft(journey: Journey) {
  const [history, setHistory] = useState<History<Graph>>(() => begin(graphOf(journey.definition)));
  const [saving, setSaving] = useState<Saving>('saved');
  const revision = useRef(journey.revision);
  const latest = useRef(history.present);
  const queries = useQueryClient();
  latest.current = history.present;

  const save = useCallback(async () => {
    const sent = latest.current;
    setSaving('saving');
    try {
      const answer = await data(
        api.PUT('/api/v1/journeys/{id}', {
          params: { path: { id: journey.id }, header: { 'If-Match': String(revision.current) } },
          body: definitionOf(sent),
        }),
      );
      revision.current = answer.revision;
      setSaving(latest.current === sent ? 'saved' : 'unsaved');
      queries.invalidateQueries({ queryKey: ['journeys'] });
      queries.invalidateQueries({ queryKey: ['journey', journey.id] });
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) setSaving('conflict');
      else {
        setSaving('unsaved');
        tellError(error);
      }
    }
  }, [journey.id, queries]);
  const soon = useDebouncedCallback(save, PAUSE);

  const change = useCallback(
    (make: (history: History<Graph>) => History<Graph>) => {
      setHistory((before) => {
        const after = make(before);
        if (after.present !== before.present) {
          setSaving('unsaved');
          soon();
        }
        return after;
      });
    },
    [soon],
  );

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (saving !== 'saved') event.preventDefault();
    };
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [saving]);

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
    saveNow: save,
  };
}
