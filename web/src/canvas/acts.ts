/** What nodes and ways on the canvas can ask for; handed down beside React Flow, which draws them. */
import { createContext, useContext } from 'react';
import type { Position, Way } from './graph';

export interface Acts {
  readOnly: boolean;
  /** Choose a node to put on a way, or, with a place, at the loose end of one. */
  insert: (way: Way, place?: Position) => void;
  /** Show the numbers of a node. */
  numbers: (node: string) => void;
}

const NOTHING: Acts = { readOnly: true, insert: () => undefined, numbers: () => undefined };
export const ActsContext = createContext(NOTHING);
export const useActs = (): Acts => useContext(ActsContext);
