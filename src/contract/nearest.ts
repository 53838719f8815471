/** Longer words are nobody's typing slip, and comparing them would only cost time. */
const MAX_COMPARED_LENGTH = 64;

/** One slip in three letters: `durration` is meant for `duration`, and `foo` for nothing. */
const SLIPS_PER_LETTER = 1 / 3;

/** The known word that was probably meant: one that was typed in part (`theme`), or with a slip; null when none is near. */
export function nearest(typed: string, known: readonly string[]): string | null {
  if (typed.length === 0 || typed.length > MAX_COMPARED_LENGTH) return null;
  const wanted = typed.toLowerCase();
  const whole = known.filter((word) => word.toLowerCase().split('_').includes(wanted));
  if (whole.length === 1) return whole[0] ?? null;
  const ranked = known
    .map((word) => ({ word, distance: editDistance(wanted, word.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  const mostSlips = Math.max(1, Math.floor(typed.length * SLIPS_PER_LETTER));
  return best !== undefined && best.distance <= mostSlips ? best.word : null;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replace = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replace, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
