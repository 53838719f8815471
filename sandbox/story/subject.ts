/** A theme reduced to what it is about, in its own words. */
export interface Subject {
  /** The theme without its request words: 新款智能手表. */
  phrase: string;
  /** The thing itself: 智能手表. */
  core: string;
  /** Its words that carry meaning, the core first. */
  keywords: readonly [string, ...string[]];
  /** The theme asks how something is done: the phrase is then an action, not a thing. */
  isHowTo: boolean;
}

const HAN = /\p{Script=Han}/u;
const MAX_PHRASE = { zh: 24, en: 9 } as const;
const MAX_CORE_CHARACTERS = 10;

export function findSubject(theme: string): Subject {
  const clean = theme.replace(/\s+/g, ' ').trim();
  return HAN.test(clean) ? chineseSubject(clean) : englishSubject(clean);
}

const ZH_LEADING =
  /^(请|帮我|帮忙|给我|为我|我想要?|我要|想要|制作|生成|拍摄|创作|拍|写|做(?=一[个段条支部])|一[个段条支部](?=.*视频)|关于|介绍一下|介绍|推荐|讲述|讲讲|讲解|讲|解释|展示|宣传|推广|科普|分享|带你|了解|认识|看看|说说|聊聊|我们的?|我的|你的|如何|怎么样?|怎样|为什么|什么是|一[只个位款杯座本辆段场家条支部种次名群对双件份]|[，,、：:\s])/;
const ZH_TRAILING = /(的?(短视频|视频|宣传片|广告片?|短片|小短片))?[。！？!?.，,\s]*$/;
const ZH_ABSTRACT =
  /^.{0,2}(一生|一天|一年|故事|生活|历史|秘密|魅力|方法|技巧|意义|未来|重要性|好处|原理|做法|影响|作用|日常|传说|冒险|旅程|时光)$/;
const ZH_ADJECTIVE =
  /^(全新|最新|新款|新一代|新型|新|最好|优秀|好喝|好吃|美味|美丽|可爱|简单|有趣|快速|在家|自己|做|学会|学习|制作|三|两|一|[只个位款杯座本辆场家条])+(?=.{2,})/;
/** 一家, 两只: how many, not what. */
const ZH_COUNTED = /^[一两二三几][个只位款杯座本辆段场家条支部种次名群对双件份]$/;
const ZH_STOP = new Set(
  '的 了 和 与 及 或 在 是 我们 我 你 他 她 它 这 那 一个 一杯 一只 一款 如何 怎么 怎样 什么 为什么 介绍 推荐 讲述 可以 能 会 让 把 被 从 到 对 给 用 有 做 去 来 就 都 也 很 更 最 不 个 款'.split(
    ' ',
  ),
);

function chineseSubject(theme: string): Subject {
  const isHowTo = /^(请|讲解|介绍|教你)?(如何|怎么|怎样)/.test(theme);
  const whole = stripAll(theme, ZH_LEADING).replace(ZH_TRAILING, '') || theme;
  const sentence = whole.split(/[。！？!?；;\n]/)[0] ?? whole;
  const phrase = clipped(sentence, MAX_PHRASE.zh);
  const core = chineseCore(sentence);
  const words = chineseWords(phrase);
  return { phrase, core, keywords: withCore(core, words), isHowTo };
}

function chineseCore(sentence: string): string {
  const parts =
    sentence
      .split(/[，,、：:]/)[0]
      ?.split('的')
      .filter(Boolean) ?? [];
  const last = parts.at(-1) ?? sentence;
  const chosen = ZH_ABSTRACT.test(last) ? (parts.at(-2) ?? last) : last;
  const bare = chosen.replace(ZH_ADJECTIVE, '');
  if ([...bare].length <= MAX_CORE_CHARACTERS) return bare;
  // The thing stands last: its two words when they stand together, else its last one.
  const words = chineseWords(bare);
  const pair = words.slice(-2).join('');
  return bare.includes(pair) ? pair : (words.at(-1) ?? clipped(bare, MAX_CORE_CHARACTERS));
}

function chineseWords(phrase: string): string[] {
  const all = segments(phrase, 'zh').filter((word) => !ZH_STOP.has(word) && !ZH_COUNTED.test(word));
  // A number alone names nothing.
  const named = all.filter((word) => !/^\d+$/.test(word));
  const words = named.length > 0 ? named : all;
  const long = words.filter((word) => [...word].length >= 2);
  return long.length > 0 ? long : words;
}

const EN_LEADING =
  /^(please|can you|could you|make|create|generate|produce|write|film|a|an|the|short|promo|promotional|video|clip|ad|advert|for|about|on|of|that|which|introduces?|introducing|presents?|presenting|explains?|explaining|shows?|showing|tells?|telling|recommends?|promotes?|promoting|discover|meet|story of|how to|how do i|how do you|how we|why|what is|what are|our|my|your|us|me)\b[\s,:]*/i;
const EN_BREAK =
  /\s+(?:at|in|on|for|with|of|to|from|by|and|who|that|which|when|while|during|through|into|over|under|without|near)\s+|[,:;.!?]/i;
const EN_ABSTRACT =
  /^(the |a |an )?(history|story|life|day|secret|secrets|art|power|benefits|future|importance|magic|beauty|world|journey)$/i;
const EN_ADJECTIVE =
  /^(new|latest|best|better|great|good|perfect|our|my|your|the|a|an|brand-new|amazing|simple|easy|quick|brew|make|cook|build|learn|grow|use|start|find|bake|plan|train|write|draw|clean|fix|choose)\s+/i;
const EN_STOP = new Set(
  'a an the of in on at to for with and or our my your we i you it its is are be how what why that this these those from by into about new best better make do'.split(
    ' ',
  ),
);

function englishSubject(theme: string): Subject {
  const isHowTo = /\bhow (to|do)\b/i.test(theme.slice(0, 60));
  const whole = stripAll(theme, EN_LEADING).replace(/[\s.!?]+$/, '') || theme;
  const phrase = whole.split(' ').slice(0, MAX_PHRASE.en).join(' ');
  const words = segments(phrase, 'en').filter((word) => word.length > 2 && !EN_STOP.has(word.toLowerCase()));
  return { phrase, core: englishCore(phrase, words), keywords: withCore(englishCore(phrase, words), words), isHowTo };
}

function englishCore(phrase: string, words: readonly string[]): string {
  const parts = phrase
    .split(EN_BREAK)
    .map((part) => part.trim())
    .filter(Boolean);
  const [first = phrase, second] = parts;
  const chosen = EN_ABSTRACT.test(first) && second ? second : first;
  const bare = stripAll(chosen, EN_ADJECTIVE);
  const core = bare.split(' ').slice(-3).join(' ');
  return core || (words.at(-1) ?? phrase);
}

function segments(text: string, locale: string): string[] {
  const segmenter = new Intl.Segmenter(locale, { granularity: 'word' });
  return [...segmenter.segment(text)].filter((piece) => piece.isWordLike).map((piece) => piece.segment);
}

function withCore(core: string, words: readonly string[]): [string, ...string[]] {
  return [core, ...new Set(words.filter((word) => word !== core))];
}

/** Takes beginnings away while something is left. */
function stripAll(text: string, leading: RegExp): string {
  let rest = text;
  for (;;) {
    const next = rest.replace(leading, '');
    if (next === rest || next.trim() === '') return rest.trim();
    rest = next;
  }
}

function clipped(text: string, most: number): string {
  return [...text].slice(0, most).join('');
}
