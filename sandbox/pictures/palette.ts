import type { Seeded } from '../seeded.ts';

/** The colours of one picture, from far to near. */
export interface Palette {
  sky: readonly [string, string, string];
  glow: string;
  far: string;
  mid: string;
  near: string;
  accent: string;
  accentDark: string;
  light: string;
  ink: string;
  text: string;
}

const dusk: Palette = {
  sky: ['#2b2d6e', '#8a4f8f', '#f6a26b'],
  glow: '#ffd9a0',
  far: '#6f4a86',
  mid: '#4b3673',
  near: '#2a2350',
  accent: '#ff8a5b',
  accentDark: '#d95a4e',
  light: '#fff3e0',
  ink: '#241c3f',
  text: '#ffffff',
};
const morning: Palette = {
  sky: ['#7cc4e8', '#bfe3ee', '#fdf0d5'],
  glow: '#fffbe6',
  far: '#9cc9c4',
  mid: '#6aa8a0',
  near: '#3f7f7d',
  accent: '#f2916b',
  accentDark: '#d06a4e',
  light: '#ffffff',
  ink: '#1f4a52',
  text: '#17414a',
};
const business: Palette = {
  sky: ['#0f2747', '#1f4e86', '#7fb2dd'],
  glow: '#d6ecff',
  far: '#3f6fa3',
  mid: '#27527f',
  near: '#142f52',
  accent: '#38b6ff',
  accentDark: '#1a7fc4',
  light: '#f4f9ff',
  ink: '#0b1f38',
  text: '#ffffff',
};
const neon: Palette = {
  sky: ['#0c0822', '#2b1160', '#7a1fa2'],
  glow: '#ff7ae5',
  far: '#3d1b7a',
  mid: '#26105a',
  near: '#140a36',
  accent: '#22e1ff',
  accentDark: '#7b5cff',
  light: '#f3eaff',
  ink: '#0b0620',
  text: '#ffffff',
};
const fresh: Palette = {
  sky: ['#d9f2d0', '#eef8df', '#fffbe8'],
  glow: '#ffffff',
  far: '#b5dcb0',
  mid: '#83c08a',
  near: '#4e9467',
  accent: '#ff9f6e',
  accentDark: '#e27a4f',
  light: '#ffffff',
  ink: '#23523a',
  text: '#23523a',
};
const ink: Palette = {
  sky: ['#e9e4d6', '#f3efe4', '#fbf8f0'],
  glow: '#ffffff',
  far: '#b9bdb6',
  mid: '#848d88',
  near: '#4a5550',
  accent: '#c8452f',
  accentDark: '#9c3222',
  light: '#fffdf6',
  ink: '#2a302d',
  text: '#2a302d',
};
const warm: Palette = {
  sky: ['#5a2d20', '#b5613a', '#f7c98b'],
  glow: '#ffe9c2',
  far: '#a85f3f',
  mid: '#7d412e',
  near: '#4a251d',
  accent: '#ffb454',
  accentDark: '#e0843a',
  light: '#fff6e6',
  ink: '#3a1b14',
  text: '#fff8ec',
};
const candy: Palette = {
  sky: ['#ffb7d2', '#ffd8e4', '#fff2df'],
  glow: '#ffffff',
  far: '#f7a8c4',
  mid: '#c58fe0',
  near: '#8a6fd1',
  accent: '#ff6f91',
  accentDark: '#e04f78',
  light: '#ffffff',
  ink: '#5b3a7d',
  text: '#6a2f6e',
};
const night: Palette = {
  sky: ['#070d24', '#16285a', '#3f5f9e'],
  glow: '#cfe0ff',
  far: '#2b4378',
  mid: '#1b2d58',
  near: '#0e1936',
  accent: '#ffd166',
  accentDark: '#e8a33d',
  light: '#f2f6ff',
  ink: '#0a1230',
  text: '#ffffff',
};
const teal: Palette = {
  sky: ['#0b3a4a', '#1f7a84', '#9be0d0'],
  glow: '#e4fff4',
  far: '#3f9aa0',
  mid: '#23717c',
  near: '#0f4653',
  accent: '#ffcf5c',
  accentDark: '#ef9d3f',
  light: '#f4fffb',
  ink: '#093038',
  text: '#ffffff',
};

/** Style words first, then what the scene itself suggests. */
const BY_WORD: readonly [RegExp, readonly [Palette, ...Palette[]]][] = [
  [/赛博|霓虹|cyber|neon|电竞/i, [neon]],
  [/水墨|国风|中国风|古风|ink wash|sumi|calligraph/i, [ink]],
  [/商务|专业|企业|科技|business|corporate|professional|tech/i, [business, teal, night]],
  [/清新|自然|日系|田园|fresh|minimal|极简/i, [fresh, morning]],
  [/可爱|卡通|童话|糖果|cute|cartoon|kawaii|playful|pastel/i, [candy, fresh]],
  [/温暖|温馨|复古|怀旧|warm|cosy|cozy|retro|vintage/i, [warm, dusk]],
  [/电影|史诗|cinematic|epic|dramatic/i, [dusk, night, teal]],
];
const BY_SCENE: readonly [RegExp, readonly [Palette, ...Palette[]]][] = [
  [/夜|星空|宇宙|night|space|star|moon/i, [night, dusk]],
  [/咖啡|美食|面|火锅|蛋糕|coffee|food|bread|cake/i, [warm, dusk]],
  [/清晨|早|morning|春|花|spring|flower/i, [morning, fresh]],
  [/海|湖|江|sea|ocean|lake|beach/i, [teal, morning]],
];
const ANY: readonly [Palette, ...Palette[]] = [dusk, morning, business, fresh, warm, night, teal, candy];

export function choosePalette(prompt: string, dice: Seeded): Palette {
  const found = [...BY_WORD, ...BY_SCENE].find(([pattern]) => pattern.test(prompt))?.[1];
  return dice.pick(found ?? ANY);
}

/** The palette in a reference picture's colours; text and light stay, so that they can still be read. */
export function withColors(palette: Palette, colors: readonly string[]): Palette {
  const at = (share: number) => colors[Math.min(colors.length - 1, Math.floor(share * colors.length))] ?? palette.mid;
  return {
    ...palette,
    sky: [at(0.2), at(0.5), at(0.8)],
    glow: at(1),
    far: at(0.6),
    mid: at(0.4),
    near: at(0.2),
    accent: at(0.7),
    accentDark: at(0.3),
  };
}
