import { seeded, type Seeded } from '../seeded.ts';
import { agreeing } from './agreement.ts';
import { topicOf, type Beat, type Language } from './beats.ts';
import type { Brief } from './brief.ts';
import { CHINESE } from './chinese.ts';
import { ENGLISH } from './english.ts';
import { capitalized, countUnits, sayAbout } from './narration.ts';
import { findSubject, wordsOf, type Subject } from './subject.ts';

export interface Story {
  title: string;
  language: 'zh' | 'en';
  style: string;
  subject: string;
  look: string;
  durationSeconds: number;
  keywords: readonly string[];
  scenes: readonly StoryScene[];
}

export interface StoryScene {
  id: string;
  number: number;
  idea: string;
  narration: string;
  imagePrompt: string;
  onScreenText: string | null;
}

/** Hook, one idea a scene, closing: made from the theme's own words, the same for the same seed, theme and duration. */
export function writeStory(seed: number, brief: Brief): Story {
  const dice = seeded(seed, 'story', brief.theme, brief.durationSeconds);
  const subject = findSubject(brief.theme);
  const language = brief.language === 'zh' ? CHINESE : ENGLISH;
  const beats = chooseBeats(dice, { brief, subject, language });
  const named = brief.language === 'en' ? withArticle(subject, brief.theme) : subject;
  const short = shortened(subject, brief);
  const said = brief.language === 'en' ? withArticle(short, brief.theme) : short;
  const extenders = new Set(dice.shuffle(language.extenders));
  return {
    title: capitalized(fill(dice.pick(subject.isHowTo ? language.howToTitles : language.titles) ?? '', named, 0)),
    language: brief.language,
    style: brief.style,
    subject: fill(language.appearance, subject, 0).replace('{color}', dice.pick(language.colors) ?? ''),
    look: dice.pick(language.looks) ?? '',
    durationSeconds: brief.durationSeconds,
    keywords: subject.keywords,
    scenes: beats.map((beat, index) => ({
      ...{ id: `s${index + 1}`, number: index + 1 },
      idea: beat.idea,
      narration: sayAbout(
        sayable(beat.clauses, { subject, short }).map((clause) => fill(clause, said, index)),
        {
          short: dice
            .shuffle(language.short[index === 0 ? 0 : index === beats.length - 1 ? 2 : 1])
            .map((line) => fill(line, said, index)),
          target: brief.narrationLength,
          language: brief.language,
          subject: [said.core, said.phrase],
          // The first line and the last are complete: whatever is added blunts them.
          extenders: index === 0 || index === beats.length - 1 ? new Set() : extenders,
          isQuestion: index === 0 && asks(beat),
        },
      ),
      imagePrompt: describePicture(beat, { brief, subject }),
      onScreenText: isWorthWriting(index, beats.length) ? beat.idea : null,
    })),
  };
}

/** At most this part of a line is the subject's own name. */
const SUBJECT_SHARE = 0.72;

/** In a line with little time the subject is called by a shorter name. */
function shortened(subject: Subject, { narrationLength, language }: Brief): Subject {
  const fits = (text: string) => countUnits(text, language) <= narrationLength * SUBJECT_SHARE;
  const core = fits(subject.core) ? subject.core : shorterName(subject.core, fits);
  const [first = core, ...rest] = subject.keywords.filter(fits);
  return { ...subject, core, phrase: fits(subject.phrase) ? subject.phrase : core, keywords: [first, ...rest] };

  /** Its last words say most: 兰州牛肉面 → 牛肉面. */
  function shorterName(name: string, isShort: (text: string) => boolean): string {
    const words = wordsOf(name, language);
    const ends = words.map((_, index) => words.slice(index).join(language === 'zh' ? '' : ' '));
    // Neither half a pair nor a number: of 看守人和海鸥 only 海鸥 is a name.
    const whole = ends.filter((end) => countUnits(end, language) >= LEAST_NAME[language] && !/[和与的]|^\d/u.test(end));
    return whole.find(isShort) ?? whole.at(-1) ?? name;
  }
}

/** One Han character is seldom a name. */
const LEAST_NAME = { zh: 2, en: 1 } as const;

interface Telling {
  brief: Brief;
  subject: Subject;
  language: Language;
}

function chooseBeats(dice: Seeded, { brief, subject, language }: Telling): Beat[] {
  const chinese = brief.language === 'zh';
  const hook: Beat = {
    idea: chinese ? '开场' : 'opening',
    clauses: dice.pick(subject.isHowTo ? language.howToHooks : language.hooks) ?? [],
    picture: chinese ? '醒目的主视觉' : 'a striking key visual',
  };
  const closing: Beat = {
    idea: chinese ? '结尾' : 'closing',
    clauses: dice.pick(language.closings) ?? [],
    picture: chinese ? '温暖明亮的收尾画面' : 'a warm and bright final picture',
  };
  const topic = topicOf(brief.theme);
  const own = dice.shuffle(language.beats[topic]);
  const open = topic === 'open' ? [] : dice.shuffle(language.beats.open);
  const pool = [...own, ...open];
  const middleCount = Math.max(0, brief.scenes - 2);
  const middle = Array.from({ length: middleCount }, (_, index) =>
    turned(pool[index % pool.length] as Beat, index < pool.length),
  );
  return brief.scenes === 1 ? [hook] : [hook, ...middle, closing];
}

/** "Want to …" needs the action itself, not the thing that is left of it in a short film. */
function sayable(clauses: readonly string[], { subject, short }: { subject: Subject; short: Subject }): string[] {
  const isWhole = !subject.isHowTo || short.phrase === subject.phrase;
  return clauses.filter((clause) => isWhole || !clause.includes('{phrase}'));
}

/** A film of more scenes than there are beats begins them somewhere else the second time. */
function turned(beat: Beat, isFirst: boolean): Beat {
  const [first = '', ...rest] = beat.clauses;
  return isFirst ? beat : { ...beat, clauses: [...rest, first] };
}

function asks(beat: Beat): boolean {
  return /为什么|有没有|吗|多少|^Have |^What |^Want /.test(beat.clauses.join(' '));
}

function fill(template: string, { phrase, core, keywords }: Subject, index: number): string {
  // A part of the name beside the name says nothing: black holes and holes.
  const others = keywords.filter((keyword) => !core.toLowerCase().includes(keyword.toLowerCase()));
  const word = others[index % others.length] ?? core;
  const filled = template.replaceAll('{phrase}', phrase).replaceAll('{core}', core).replaceAll('{word}', word);
  return [core, phrase].reduce(agreeing, agreeing(filled, word));
}

/** English speaks of *the* smart watch; names, plurals and actions take no article unless the theme gives one. */
function withArticle(subject: Subject, theme: string): Subject {
  const the = (text: string) => {
    if (/^(the|a|an|my|your|\d+)\b/i.test(text)) return text;
    const isGiven = theme.toLowerCase().includes(`the ${text.toLowerCase()}`);
    const takesNone = !/^[a-z]/.test(text) || /[^s]s$/.test(text);
    return takesNone && !isGiven ? text : `the ${text}`;
  };
  return { ...subject, phrase: subject.isHowTo ? subject.phrase : the(subject.phrase), core: the(subject.core) };
}

/** The subject by its name, the idea and what is seen: style and composition are the caller's to add. */
function describePicture(beat: Beat, { brief, subject }: Pick<Telling, 'brief' | 'subject'>): string {
  return [subject.phrase, beat.idea, beat.picture].join(brief.language === 'zh' ? '，' : ', ');
}

/** The hook and the closing speak for themselves; between them every third scene names its idea. */
const isWorthWriting = (index: number, scenes: number): boolean => index % 3 === 1 && index < scenes - 1;
