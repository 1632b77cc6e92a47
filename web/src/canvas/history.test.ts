import { describe, expect, it } from 'vitest';
import { begin, edited, redone, undone } from './history';

describe('undo and redo', () => {
  it('goes back and forth, and a new edit forgets what was undone', () => {
    const three = edited(edited(begin(1), 2, 0), 3, 5_000);
    expect(undone(three).present).toBe(2);
    expect(redone(undone(three)).present).toBe(3);
    expect(redone(edited(undone(three), 4, 9_000)).present).toBe(4);
    expect(undone(begin(1)).present).toBe(1);
  });

  it('takes typing in one place as one step', () => {
    const typed = edited(edited(edited(begin(''), 'a', 0, 'name'), 'ab', 300, 'name'), 'abc', 600, 'name');
    expect(undone(typed).present).toBe('');
    const later = edited(typed, 'abcd', 9_000, 'name');
    expect(undone(later).present).toBe('abc');
    expect(undone(edited(typed, 'x', 700, 'other')).present).toBe('abc');
  });
});
