import { seeded, type Seeded } from '../seeded.ts';
import { topicOf, type Beat, type Language } from './beats.ts';
import type { Brief } from './brief.ts';
import { CHINESE } from './chinese.ts';
import { ENGLISH } from './english.ts';
import { capitalized, countUnits, sayAbout } from './narration.ts';
import { findSubject, type Subject } from './subject.ts';

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
  const named = brief.language === 'en' ? withArticle(subject) : subject;
  const short = shortened(subject, brief);
  const said = brief.language === 'en' ? withArticle(short) : short;
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
        beat.clauses.map((clause) => fill(clause, said, index)),
        {
          short: dice
            .shuffle(language.short[index === 0 ? 0 : index === beats.length - 1 ? 2 : 1])
            .map((line) => fill(line, said, index)),
          target: brief.narrationLength,
          language: brief.language,
          subject: [said.core, said.phrase],
          extenders,
          isQuestion: index === 0 && asks(beat),
        },
      ),
      imagePrompt: describePicture(beat, { brief, subject }),
      onScreenText: isWorthWriting(index, beats.length) ? beat.idea : null,
    })),
  };
}

/** At most this part of a line is the subject's own name. */
const SUBJECT_SHARE = 0.6;

/** In a line with little time the subject is called by a shorter name. */
function shortened(subject: Subject, { narrationLength, language }: Brief): Subject {
  const length = (text: string) => countUnits(text, language);
  const fits = (text: string) => length(text) <= narrationLength * SUBJECT_SHARE;
  const [whole, ...words] = subject.keywords;
  // The last word of the thing itself says most: 智能手表 → 手表.
  const last = words.filter((word) => whole.includes(word)).at(-1) ?? words.at(-1) ?? whole;
  const core = fits(subject.core) || length(last) >= length(subject.core) ? subject.core : last;
  const keywords = subject.keywords.filter(fits);
  const [first = core, ...rest] = keywords;
  return { ...subject, core, phrase: fits(subject.phrase) ? subject.phrase : core, keywords: [first, ...rest] };
}

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
  const middle = Array.from({ length: middleCount }, (_, index) => pool[index % pool.length] as Beat);
  return brief.scenes === 1 ? [hook] : [hook, ...middle, closing];
}

function asks(beat: Beat): boolean {
  return /为什么|有没有|吗|多少|^Have |^What |^Want /.test(beat.clauses.join(' '));
}

function fill(template: string, { phrase, core, keywords }: Subject, index: number): string {
  const word = keywords[index % keywords.length] ?? core;
  return template.replaceAll('{phrase}', phrase).replaceAll('{core}', core).replaceAll('{word}', word);
}

/** English speaks of *the* smart watch; an action or a name in another script takes no article. */
function withArticle(subject: Subject): Subject {
  const the = (text: string) => (/^[a-z]/i.test(text) && !/^(the|a|an|my|your)\s/i.test(text) ? `the ${text}` : text);
  return subject.isHowTo ? subject : { ...subject, phrase: the(subject.phrase), core: the(subject.core) };
}

/** The subject by its name, the idea and what is seen: style and composition are the caller's to add. */
function describePicture(beat: Beat, { brief, subject }: Pick<Telling, 'brief' | 'subject'>): string {
  return [subject.phrase, beat.idea, beat.picture].join(brief.language === 'zh' ? '，' : ', ');
}

/** The hook and the closing speak for themselves; between them every third scene names its idea. */
const isWorthWriting = (index: number, scenes: number): boolean => index % 3 === 1 && index < scenes - 1;
