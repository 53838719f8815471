import { clipped, stripAll, withCore, wordsOf, type Subject } from './subject.ts';
import {
  ZH_ABSTRACT,
  ZH_ADJECTIVE,
  ZH_COUNTED,
  ZH_LEADING,
  ZH_PARTING,
  ZH_PLACE,
  ZH_STOP,
  ZH_TIME,
  ZH_TRAILING,
} from './theme-words.ts';

const MAX_PHRASE = 24;
const MAX_CORE = 10;

export function chineseSubject(theme: string): Subject {
  const isHowTo = /^(请|讲解|介绍|教你)?(如何|怎么|怎样)/.test(theme);
  const whole = stripAll(theme, ZH_LEADING).replace(ZH_TRAILING, '') || theme;
  const sentence = whole.split(/[。！？!?；;\n]/)[0] || whole;
  const things = thingsIn(sentence);
  // A Chinese sentence names its topic first; what is done comes last.
  const thing = (isHowTo ? things.at(-1) : things[0]) ?? sentence;
  const core = coreOf(thing);
  const isName = isHowTo || things.length < 2;
  return {
    phrase: clipped(isName ? sentence : thing, MAX_PHRASE),
    core,
    keywords: withCore(core, meaningful(clipped(sentence, MAX_PHRASE))),
    isHowTo,
  };
}

/** The parts of a sentence between its verbs and particles that can be a film's subject. */
function thingsIn(sentence: string): string[] {
  const head = sentence.split(/[，,、：:]/)[0] || sentence;
  const parts: string[] = [''];
  for (const { segment } of new Intl.Segmenter('zh', { granularity: 'word' }).segment(head)) {
    if (ZH_PARTING.has(segment)) parts.push('');
    else parts[parts.length - 1] += segment;
  }
  const named = parts
    .map((part) => part.trim().replace(/的$/, ''))
    .filter((part) => part !== '' && !ZH_TIME.test(part) && !ZH_COUNTED.test(part));
  const things = named.filter((part) => !ZH_PLACE.test(part));
  return things.length > 0 ? things : named;
}

function coreOf(thing: string): string {
  const parts = thing.split('的').filter(Boolean);
  const last = parts.at(-1) ?? thing;
  const chosen = ZH_ABSTRACT.test(last) ? (parts.at(-2) ?? last) : last;
  const bare = chosen.replace(ZH_ADJECTIVE, '');
  if ([...bare].length <= MAX_CORE) return bare;
  // The thing stands last: its two words when they stand together, else its last one.
  const words = meaningful(bare);
  const pair = words.slice(-2).join('');
  return bare.includes(pair) ? pair : (words.at(-1) ?? clipped(bare, MAX_CORE));
}

function meaningful(text: string): string[] {
  const all = wordsOf(text, 'zh').filter((word) => !ZH_STOP.has(word) && !ZH_COUNTED.test(word));
  // A number alone names nothing.
  const named = all.filter((word) => !/^\d+$/.test(word));
  const words = named.length > 0 ? named : all;
  const long = words.filter((word) => [...word].length >= 2);
  return long.length > 0 ? long : words;
}
