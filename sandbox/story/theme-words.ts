/** Words that reduce a theme to its subject. No grammar: lists that hold for the usual way themes are written. */
const listed = (words: string): ReadonlySet<string> => new Set(words.split(' '));

export const ZH_LEADING =
  /^(请|帮我|帮忙|给我|为我|我想要?|我要|想要|制作|生成|拍摄|创作|拍|写|做(?=一[个段条支部])|一[个段条支部](?=.*视频)|关于|介绍一下|介绍|推荐|讲述|讲讲|讲解|讲|解释|展示|宣传|推广|科普|分享|带你|了解|认识|看看|说说|聊聊|我们的?|我的|你的|如何|怎么样?|怎样|为什么|什么是|一[只个位款杯座本辆段场家条支部种次名群对双件份]|[，,、：:\s])/;
export const ZH_TRAILING = /(的?(短视频|视频|宣传片|广告片?|短片|小短片))?[。！？!?.，,\s]*$/;
export const ZH_ABSTRACT =
  /^.{0,2}(一生|一天|一年|故事|生活|历史|秘密|魅力|方法|技巧|意义|未来|重要性|好处|原理|做法|影响|作用|日常|传说|冒险|旅程|时光)$/;
export const ZH_ADJECTIVE =
  /^(全新|最新|新款|新一代|新型|新|最好|优秀|好喝|好吃|美味|美丽|可爱|简单|有趣|快速|在家|自己|做|学会|学习|制作|三|两|一|[只个位款杯座本辆场家条])+(?=.{2,})/;
/** 一家, 两只, 8元: how many, not what. */
export const ZH_COUNTED =
  /^[一两二三四五六七八九十几\d]+[个只位款杯座本辆段场家条支部种次名群对双件份步碗元块分秒天年月岁]?$/;
export const ZH_STOP = listed(
  '的 了 和 与 及 或 在 是 我们 我 你 他 她 它 这 那 这个 那个 一个 一杯 一只 一款 如何 怎么 怎样 什么 为什么 介绍 推荐 讲述 可以 能 会 让 把 被 从 到 对 给 用 有 做 去 来 就 都 也 很 更 最 不 个 款 下来 起来 出来 过来 上来 下去 凭什么',
);
/** Where a sentence parts: what stands before and after such a word are things of their own. */
export const ZH_PARTING = listed(
  '怎样 怎么 如何 为什么 为何 凭什么 凭 什么 是 有 没有 把 被 给 让 使 在 去 到 从 看 做 来 会 能 能够 可以 要 想 不 没 只 只有 就 都 才 因为 所以 变成 成为 学会 学 教 带 用 买 吃 喝 玩 选 挑选 保护 种 养 煮 煎 炒 烤 画 写 修 洗 泡 制作 练 练习 应对 面对 理解 爱上 遇见 卖 这个 那个',
);
export const ZH_TIME = /^(?:[春夏秋冬]天|周末|今天|明天|昨天|早晨|清晨|夜晚|深夜|晚上|每天|现在|假期|\d+月)$/;
/** 阳台上, 城市里: where, not what. */
export const ZH_PLACE = /[上里中下外内]$/;

export const EN_LEADING =
  /^(please|can you|could you|make|create|generate|produce|write|film|a|an|the|short|promo|promotional|video|clip|ad|advert|for|about|on|of|that|which|introduces?|introducing|presents?|presenting|explains?|explaining|shows?|showing|tells?|telling|recommends?|promotes?|promoting|discover|meet|story of|how to|how do i|how do you|how we|how|why|what is|what are|what|when|where|who|our|my|your|us|me)\b[\s,:]*/i;
export const EN_ABSTRACT =
  /^(the |a |an )?(history|story|life|day|secret|secrets|art|power|benefits|future|importance|magic|beauty|world|journey|truth|science)$/i;
/** 48 hours, ten minutes: how long, not what. */
export const EN_COUNTED =
  /^(?:\d+|two|three|four|five|six|seven|ten|\w+teen|\w+ty)\s+(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)$/i;
export const EN_ADJECTIVE =
  /^(new|latest|best|better|great|good|perfect|our|my|your|their|his|her|the|a|an|brand-new|amazing|simple|easy|quick|first|last|\d+|one|two|three|four|five|six|seven|eight|nine|ten)\s+/i;
export const EN_STOP = listed(
  'a an the of in on at to for with and or our my your we i you it its is are be how what why that this these those from by into about new best better make do does did not',
);
export const EN_PREPOSITIONS = listed(
  'at in on for with of to from by and or who that which when while during through into over under without near after before between',
);
/** In the forms that themes have; words that are as often nouns are left out. */
export const EN_VERBS = listed(
  'is are was were be do does did can could will would should must may might has have had miss misses make makes made turns turned goes went gets got gives gave takes took keeps kept loses lost finds found helps learns becomes became needs wants loves hates fails failed wins won saves saved says said sees saw meets met tells told brings brought thinks thought knows knew lives lived makes eats ate grows grew',
);
export const EN_DETERMINER = /^(?:a|an|the|his|her|their|our|my|your|its)$/i;
