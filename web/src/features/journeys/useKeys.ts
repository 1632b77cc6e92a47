/** The keys of the editor; fields and dialogs keep theirs. `Shortcuts` lists them. */
import { useHotkeys } from '@mantine/hooks';

interface Given {
  undo: () => void;
  redo: () => void;
  duplicate: () => void;
  all: () => void;
  branch: () => void;
  none: () => void;
  find: () => void;
  help: () => void;
  zoomIn: () => void;
  zoomOut: () => void;
  fit: () => void;
}

export function useKeys(acts: Given): void {
  const onCanvas = (act: () => void) => () => {
    if (document.querySelector('[role=dialog], [role=menu], [role=listbox]') === null) act();
  };
  useHotkeys([
    ['mod+Z', onCanvas(acts.undo)],
    ['mod+shift+Z', onCanvas(acts.redo)],
    ['mod+Y', onCanvas(acts.redo)],
    ['mod+D', onCanvas(acts.duplicate)],
    ['mod+A', onCanvas(acts.all)],
    ['B', onCanvas(acts.branch)],
    ['Escape', onCanvas(acts.none)],
    ['A', onCanvas(acts.find)],
    ['shift+?', onCanvas(acts.help), { usePhysicalKeys: false }],
    ['?', onCanvas(acts.help)],
    ['+', onCanvas(acts.zoomIn)],
    ['-', onCanvas(acts.zoomOut)],
    ['1', onCanvas(acts.fit)],
  ]);
}
