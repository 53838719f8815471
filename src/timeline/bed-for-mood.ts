import type { MusicBed } from './timeline.ts';

/**
 * Words that tell a mood, by the bed that fits it. A word counts once each time it stands in the text; Latin ones at a
 * word's beginning (`trav` finds travel and travelling, not extravagant).
 */
const WORDS: Record<Exclude<MusicBed, 'calm'>, RegExp> = {
  // Pace and gladness: things to do, eat, buy, share.
  bright:
    /欢乐|快乐|开心|搞笑|有趣|活力|运动|健身|跑步|篮球|足球|舞蹈|派对|节日|新年|春节|生日|庆祝|旅行|旅游|美食|小吃|夏天|海滩|儿童|孩子|萌|宠物|小狗|小猫|开箱|促销|新品|种草|时尚|潮流|卡通|动漫|\b(?:happy|fun|funn|joy|energ|upbeat|cheer|sport|fitness|workout|running|dance|party|festiv|holiday|birthday|celebrat|travel|trip|food|snack|recipe|summer|beach|kid|child|pupp|kitten|unboxing|sale|launch|fashion|cartoon|anime|playful|vibrant|colou?rful)/giu,
  // Weight and wonder: the past, the dark, the very large, the very new.
  deep: /历史|古代|王朝|战争|战役|帝国|神秘|悬疑|恐怖|惊悚|谜|传说|宇宙|太空|黑洞|星系|火星|深海|未来|科幻|科技|人工智能|芯片|量子|赛博|末日|史诗|纪录片|暗黑|犯罪|\b(?:histor|ancient|dynast|empire|war\b|wars\b|battle|myster|suspens|horror|thriller|legend|univers|cosm|space|black hole|galax|mars\b|deep sea|futur|sci-?fi|technolog|artificial intelligence|ai\b|quantum|cyber|apocalyp|epic|documentary|dark|noir|crime)/giu,
};

/** The bed for `bgm: auto`: the one whose words the theme and the style say most often; calm when none or as many of both. */
export function bedForMood({ theme, visualStyle }: { theme: string; visualStyle: string | null }): MusicBed {
  const text = `${theme}\n${visualStyle ?? ''}`;
  const said = (words: RegExp): number => text.match(words)?.length ?? 0;
  const [bright, deep] = [said(WORDS.bright), said(WORDS.deep)];
  if (bright === deep) return 'calm';
  return bright > deep ? 'bright' : 'deep';
}
