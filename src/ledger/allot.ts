import { sumOf } from './cost-of.ts';

/** One asset that a film would like to have. */
export interface Wish {
  sceneId: string;
  purpose: 'still' | 'narration';
  /** CNY, at most. */
  price: number;
  /** Of a still that is to be a clip: what it costs as one. */
  clipPrice?: number;
}

export interface Allotment {
  /** False when the pictures without which there is no film cannot be paid: then nothing is to be bought. */
  sufficient: boolean;
  leftOut: Wish[];
  /** Clips that are to be stills. */
  asStills: Wish[];
}

/**
 * What is bought of a limited sum, always in this order: the pictures without which there is no film, then all that is
 * spoken, then the other pictures; each in the film's order. What no longer fits is left out, and cheaper things go on. Of
what is left, stills become the clips that were wished for: no scene goes without for another's sake.
 */
export function allot(budget: number, wishes: readonly Wish[], needed: { pictures: number }): Allotment {
  const stills = wishes.filter(({ purpose }) => purpose === 'still');
  const first = stills.slice(0, Math.max(0, needed.pictures));
  if (sumOf(first) > budget || first.length < needed.pictures) {
    return { sufficient: false, leftOut: [...wishes], asStills: [] };
  }
  const narrations = wishes.filter(({ purpose }) => purpose === 'narration');
  const taken: Wish[] = [];
  const leftOut: Wish[] = [];
  for (const wish of [...first, ...narrations, ...stills.slice(first.length)])
    (sumOf([...taken, wish]) <= budget ? taken : leftOut).push(wish);
  const asStills: Wish[] = [];
  let spent = sumOf(taken);
  for (const wish of taken) {
    const more = wish.clipPrice === undefined ? null : Math.max(0, wish.clipPrice - wish.price);
    if (more === null) continue;
    const asClip = sumOf([{ price: spent }, { price: more }]);
    if (asClip <= budget) spent = asClip;
    else asStills.push(wish);
  }
  return { sufficient: true, leftOut, asStills };
}
