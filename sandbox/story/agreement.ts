/** The sentences are written for one thing; of several, English has another verb. */
const IRREGULAR: Record<string, string> = { is: 'are', was: 'were', has: 'have', goes: 'go', does: 'do' };
const BETWEEN = '(?: (?:also|always|suddenly|simply|only))?';

export const isPlural = (name: string): boolean =>
  /[a-z]*[^s']s$/.test(name) && !/[A-Z]/.test(name.split(' ').at(-1) ?? '');

/** "Black holes has a past" → "have a past"; not where the verb belongs to what stands before: "the story of … goes on". */
export function agreeing(sentence: string, name: string): string {
  if (!isPlural(name)) return sentence;
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const verb = new RegExp(`(?<!\\bof )(${escaped}${BETWEEN}) ([a-z]+)\\b`, 'gi');
  return sentence.replace(verb, (_, before: string, word: string) => `${before} ${pluralOf(word)}`);
}

function pluralOf(verb: string): string {
  return IRREGULAR[verb] ?? (/[a-z]{2,}[^s]s$/.test(verb) ? verb.slice(0, -1) : verb);
}
