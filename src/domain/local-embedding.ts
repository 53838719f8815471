import { unitDirection, type Direction, type Embedder } from './embedder.ts';
import { sceneAndSubjectOf } from './picture-prompt.ts';

const DIMENSIONS = 512;

/** Another recipe is another model: count it up. */
const MODEL = `local-1/${DIMENSIONS}`;

/** Costs nothing and asks nobody. */
export const LOCAL_EMBEDDER: Embedder = {
  // Between the pairs of TUNED in test/domain/prompt-pairs.ts; what it does on others is measured there.
  similarEnough: 0.47,
  embed: ({ prompt }) => Promise.resolve(localEmbedding(prompt)),
};

const HAN = /\p{Script=Han}+/gu;
const WORD = /[\p{L}\p{N}]+/gu;
const WEIGHT = { pair: 1, character: 0.9, word: 1, piece: 0.28 };
const PIECE = 4;
/** The subject stands in every scene of its film: it tells less of one picture than the scene does. */
const SUBJECT_SHARE = 0.3;

/** What every description has, whatever it shows. */
const EMPTY_CHARACTERS = new Set(
  '的了着过在有是和与及并从向把被为将给对到一个只名位条座张片些这那其它他她正里中上下前后边旁面内外'.split(''),
);
const EMPTY_WORDS = new Set(
  (
    'a an and are as at be beside by down for from he her him his in inside into is it its near next of off on one onto or out ' +
    'over she shot some that the their them there they this through to two under up view very while with'
  ).split(' '),
);

/** Words that say the same of a picture; the first stands for all. */
const CHINESE_ALIKE = [
  '睡觉 打盹 睡着 熟睡 小憩',
  '早晨 清晨 早上 清早 黎明',
  '大海 海面 海上 海洋',
  '港口 港湾 码头',
  '女孩 少女 姑娘 女生',
  '男孩 少年 男生',
  '咖啡馆 咖啡店 咖啡厅',
  '看书 读书 阅读',
  '老人 老年人 长者 老者',
  '小孩 孩子们 孩子 儿童 小朋友',
  '草地 草坪',
  '木屋 木房 小木房',
  '城市 都市',
  '夜晚 夜里 夜间 深夜 夜',
  '马路 街道 道路 路面 大街',
  '秋天 秋日 秋季',
  '春天 春日 春季',
  '橘色 橘 橙色',
  '红色 红红',
  '缓缓 慢慢 徐徐',
  '一家人 一家三口',
  '果子 果实',
];
const ENGLISH_ALIKE = [
  'orange ginger',
  'sleep nap doze snooze',
  'sunny sunlight sunlit sunshine sun',
  'runner jogger jog run',
  'child children kid kids',
  'bike bicycle cycle',
  'photograph photo picture',
  'city town urban',
  'sea ocean',
  'mend repair fix',
  'forest wood woods tree trees',
  'house home cottage cabin hut',
  'car automobile',
  'road street',
  'look watch check',
  'ripe red',
  'dawn sunrise morning',
  'dusk sunset evening',
];

const CHINESE_CANON = canonOf(CHINESE_ALIKE, (word) => word);
const ENGLISH_CANON = canonOf(ENGLISH_ALIKE, stem);
/** The longest first: a word is not replaced inside of a longer one. */
const CHINESE_PATTERN = new RegExp([...CHINESE_CANON.keys()].sort((a, b) => b.length - a.length).join('|'), 'gu');

/**
 * What a picture's prompt says, as a direction: made here, from the characters, words and parts of words of its scene and
 * subject, so that it is the same for ever. Length 1; null for a prompt that says nothing.
 */
export function localEmbedding(prompt: string): Direction | null {
  const vector = new Array<number>(DIMENSIONS).fill(0);
  for (const [feature, weight] of featuresOf(prompt)) {
    const hash = hashOf(feature);
    const at = hash % DIMENSIONS;
    // Half of the features count downwards, so that two that meet by chance cancel as often as they add up.
    vector[at] = (vector[at] ?? 0) + ((hash >>> 16) & 1 ? weight : -weight);
  }
  return unitDirection(MODEL, vector);
}

/** Each feature once: a word that is said twice does not show twice as much. */
function featuresOf(prompt: string): Map<string, number> {
  const { scene, subject } = sceneAndSubjectOf(prompt);
  const features = new Map<string, number>();
  const note = (feature: string, weight: number): void => {
    features.set(feature, Math.max(weight, features.get(feature) ?? 0));
  };
  noteText(subject, (feature, weight) => note(feature, weight * SUBJECT_SHARE));
  noteText(scene, note);
  return features;
}

function noteText(given: string, note: (feature: string, weight: number) => void): void {
  const text = given.normalize('NFKC').toLowerCase();
  for (const [run] of text.replace(CHINESE_PATTERN, (word) => CHINESE_CANON.get(word) ?? word).matchAll(HAN)) {
    const characters = [...run].filter((character) => !EMPTY_CHARACTERS.has(character));
    for (const [at, character] of characters.entries()) {
      note(character, WEIGHT.character);
      if (at > 0) note(`${characters[at - 1]}${character}`, WEIGHT.pair);
    }
  }
  for (const [word] of text.replace(HAN, ' ').matchAll(WORD)) {
    if (EMPTY_WORDS.has(word) || word.length < 2) continue;
    const root = stem(word);
    note(ENGLISH_CANON.get(root) ?? root, WEIGHT.word);
    // Parts of words know a compound by its halves, and one spelling by another.
    for (let at = 0; at + PIECE <= word.length; at++) note(`~${word.slice(at, at + PIECE)}`, WEIGHT.piece);
  }
}

/** English words without their endings; good enough to find `walking` by `walks`. */
function stem(word: string): string {
  if (word.length <= 3) return word;
  const root = word.replace(/(?:ings?|ies|ers?|ed|es|s|ly|y)$/, '').replace(/(.)\1$/, '$1');
  return (root.length < 3 ? word : root).replace(/e$/, '');
}

function canonOf(groups: readonly string[], form: (word: string) => string): Map<string, string> {
  return new Map(
    groups.flatMap((group) => {
      const words = group.split(' ').map(form);
      return words.map((word): [string, string] => [word, words[0] ?? word]);
    }),
  );
}

/** FNV-1a, 32 bits, and stirred once more: its low bits alone are poor. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
