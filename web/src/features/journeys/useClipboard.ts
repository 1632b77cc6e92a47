/** Copying, cutting and pasting nodes by the clipboard of the computer. Texts and fields are left to the browser. */
import { useEffect, useRef } from 'react';
import { copied, read } from '../../canvas/clipboard';
import type { Graph, GraphNode } from '../../canvas/graph';

interface Given {
  graph: Graph;
  selected: ReadonlySet<string>;
  readOnly: boolean;
  remove: (ids: ReadonlySet<string>) => void;
  paste: (nodes: readonly GraphNode[]) => void;
}

export function useClipboard(given: Given): void {
  const now = useRef(given);
  now.current = given;
  useEffect(() => {
    const put = (event: ClipboardEvent) => {
      const { graph, selected, readOnly, remove } = now.current;
      const text = isElsewhere() ? undefined : copied(graph, selected);
      if (text === undefined || (event.type === 'cut' && readOnly)) return;
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
      if (event.type === 'cut') remove(selected);
    };
    const take = (event: ClipboardEvent) => {
      if (isElsewhere() || now.current.readOnly) return;
      const nodes = read(event.clipboardData?.getData('text/plain') ?? '');
      if (nodes.length === 0) return;
      event.preventDefault();
      now.current.paste(nodes);
    };
    document.addEventListener('copy', put);
    document.addEventListener('cut', put);
    document.addEventListener('paste', take);
    return () => {
      document.removeEventListener('copy', put);
      document.removeEventListener('cut', put);
      document.removeEventListener('paste', take);
    };
  }, []);
}

/** Whether a field, a dialog or a selected text has the keys. */
function isElsewhere(): boolean {
  const active = document.activeElement;
  const inField =
    active instanceof HTMLElement && active.matches('input, textarea, select, [contenteditable]');
  return inField || active?.closest('[role=dialog]') != null || getSelection()?.isCollapsed === false;
}
