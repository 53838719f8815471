import { stripAll, withCore, wordsOf, type Subject } from './subject.ts';
import {
  EN_ABSTRACT,
  EN_ADJECTIVE,
  EN_COUNTED,
  EN_DETERMINER,
  EN_LEADING,
  EN_PREPOSITIONS,
  EN_STOP,
  EN_VERBS,
} from './theme-words.ts';

const MAX_PHRASE_WORDS = 9;
const MAX_CORE_WORDS = 3;

export function englishSubject(theme: string): Subject {
  const isHowTo = /\bhow (to|do)\b/i.test(theme.slice(0, 60));
  const whole = stripAll(theme, EN_LEADING).replace(/[\s.!?]+$/, '') || theme;
  const sentence = whole.split(/[,:;.!?]\s/)[0] || whole;
  // A number word is capital only because it came first.
  const counted = sentence.replace(/^(?:One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)\b/, (word) =>
    word.toLowerCase(),
  );
  const words = counted.split(' ').slice(0, MAX_PHRASE_WORDS);
  const verbAt = isHowTo ? -1 : words.findIndex((_, index) => isVerb(words, index));
  // A sentence is no name: what it is about stands before its verb.
  const phrase = (verbAt > 0 ? words.slice(0, verbAt) : words).join(' ');
  const meaningful = wordsOf(whole, 'en').filter((word) => word.length > 2 && !isFiller(word));
  const core = coreOf(isHowTo ? phrase.split(' ').slice(1).join(' ') || phrase : phrase, meaningful);
  return { phrase, core, keywords: withCore(core, meaningful), isHowTo };
}

/** Known as one, or in its form and followed by its object: "befriends a storm". */
function isVerb(words: readonly string[], index: number): boolean {
  const word = words[index]?.toLowerCase() ?? '';
  if (index === 0 || /^\w+(?:who|which|that)$/.test(word)) return false;
  if (/^(?:who|which|that)$/i.test(words[index - 1] ?? '')) return false;
  return EN_VERBS.has(word) || (/[a-z]{3,}s$/.test(word) && EN_DETERMINER.test(words[index + 1] ?? ''));
}

const isFiller = (word: string): boolean =>
  [EN_STOP, EN_VERBS, EN_PREPOSITIONS].some((words) => words.has(word.toLowerCase())) || /^\d+$/.test(word);

function coreOf(phrase: string, meaningful: readonly string[]): string {
  const parts: string[][] = [[]];
  for (const word of phrase.split(' ')) {
    if (EN_PREPOSITIONS.has(word.toLowerCase())) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  const things = parts.map((part) => part.join(' ')).filter((part) => part !== '' && !EN_COUNTED.test(part));
  const [first = phrase, second] = things;
  const chosen = EN_ABSTRACT.test(first) && second ? second : first;
  const bare = stripAll(chosen, EN_ADJECTIVE).split(' ').slice(-MAX_CORE_WORDS).join(' ');
  return bare || (meaningful.at(-1) ?? phrase);
}
