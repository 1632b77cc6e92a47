/** A sentence of the catalogue in which some words are controls. */
import { createElement, Fragment, type ReactNode } from 'react';

interface Props {
  /** With `{name}` where a part belongs. */
  text: string;
  parts: Readonly<Record<string, ReactNode>>;
}

export function Sentence({ text, parts }: Props) {
  const pieces = text.split(/\{(\w+)\}/).map((piece, index) => (index % 2 === 0 ? piece : parts[piece]));
  return createElement(Fragment, null, ...pieces);
}
