/** Longer words are nobody's typing slip, and comparing them would only cost time. */
const MAX_COMPARED_LENGTH = 64;

/** The known word that looks most like what was typed; null when none is near. */
export function nearest(typed: string, known: readonly string[]): string | null {
  if (typed.length === 0 || typed.length > MAX_COMPARED_LENGTH) return null;
  const ranked = known
    .map((word) => ({ word, distance: editDistance(typed.toLowerCase(), word.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.ceil(Math.max(typed.length, best.word.length) / 2)
    ? best.word
    : null;
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
