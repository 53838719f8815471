/** One idea that a scene can be about. `{core}` is the theme's thing, `{word}` one of its words. */
export interface Beat {
  idea: string;
  /** Said one after the other, as many as the asked length takes. */
  clauses: readonly string[];
  picture: string;
}

/** The clauses are written as one line, parted by its commas. */
export const beat = (idea: string, clauses: string, picture: string): Beat => ({
  idea,
  clauses: clauses.split(/，|, /),
  picture,
});

export interface Language {
  hooks: readonly (readonly string[])[];
  howToHooks: readonly (readonly string[])[];
  closings: readonly (readonly string[])[];
  /** For the first, the middle and the last scene of a film with very little time: what fits best is taken. */
  short: readonly [readonly string[], readonly string[], readonly string[]];
  colors: readonly string[];
  looks: readonly string[];
  /** The recurring subject, described once. */
  appearance: string;
  /** Said after a beat when more words are asked for; each once in a film. */
  extenders: readonly string[];
  titles: readonly string[];
  howToTitles: readonly string[];
  beats: Record<Topic, readonly Beat[]>;
}

export type Topic = 'device' | 'food' | 'travel' | 'nature' | 'health' | 'learning' | 'tale' | 'business' | 'open';

/** The first that fits decides; what fits none is told openly. */
const TOPICS: readonly [Topic, RegExp][] = [
  [
    'device',
    /^(?!.*(?:故事|童话|story|tale)).*(?:手表|手环|手机|平板|电脑|笔记本|耳机|相机|音箱|电器|机器人|芯片|汽车|电动车|watch|phone|laptop|tablet|headphone|earbud|camera|speaker|robot|\bcar\b|gadget|device)/i,
  ],
  [
    'food',
    /^(?!.*(?:菜价|价格|团购|生意)).*(?:咖啡|茶|奶茶|面|蛋糕|火锅|菜|美食|早餐|餐|面包|水果|酒|饺子|烘焙|coffee|tea\b|food|cake|bread|noodle|pizza|cook|recipe|breakfast|dinner|restaurant|bak(e|ing))/i,
  ],
  [
    'health',
    /健身|跑步|瑜伽|减肥|健康|睡眠|运动|养生|冥想|fitness|running|yoga|health|sleep|workout|exercise|meditat/i,
  ],
  [
    'nature',
    /猫|狗|宠物|花|植物|森林|动物|鸟|熊猫|鲸|星空|宇宙|太空|四季|春|cats?\b|dogs?\b|pets?\b|flower|plant|forest|animal|bird|whale|panda|garden|space|star|ocean life/i,
  ],
  [
    'travel',
    /城市|旅行|旅游|山|海|古镇|风景|之旅|北京|上海|成都|杭州|西安|云南|西藏|古城|travel|trip|city|mountain|sea\b|beach|island|road|kyoto|paris|hik(e|ing)|camp/i,
  ],
  [
    'business',
    /公司|品牌|营销|招聘|金融|创业|服务|理财|投资|产品|平台|软件|company|brand|market|hiring|finance|startup|business|service|software|invest|product/i,
  ],
  ['tale', /故事|童话|传说|神话|历史|人物|古代|story|tale|legend|myth|history|dragon|hero/i],
  [
    'learning',
    /学习|编程|课程|知识|教程|科学|数学|英语|人工智能|读书|阅读|learn|code|coding|course|science|math|python|reading|books?\b|study|\bAI\b/i,
  ],
];

export function topicOf(theme: string): Topic {
  return TOPICS.find(([, pattern]) => pattern.test(theme))?.[0] ?? 'open';
}
