import type { MotifPlace } from './compose.ts';
import type { Stage } from './backdrop.ts';
import type { Palette } from './palette.ts';

/** Small signs on round cards beside the motif: they tell scenes of one film apart. Drawn within ±40. */
const SIGNS: readonly [RegExp, (p: Palette) => string][] = [
  [
    /健康|心率|心|爱|health|heart|love/i,
    (p) =>
      `<path d="M0 32 C-50 0 -38 -36 -16 -32 C-8 -31 -3 -25 0 -18 C3 -25 8 -31 16 -32 C38 -36 50 0 0 32 Z" fill="${p.accentDark}"/>`,
  ],
  [
    /续航|电池|充电|battery|charge/i,
    (p) =>
      `<rect x="-32" y="-17" width="58" height="34" rx="8" fill="none" stroke="${p.ink}" stroke-width="6"/><rect x="28" y="-8" width="8" height="16" rx="3" fill="${p.ink}"/><rect x="-25" y="-10" width="36" height="20" rx="4" fill="${p.accentDark}"/>`,
  ],
  [
    /提醒|消息|通知|remind|message|notif/i,
    (p) =>
      `<path d="M-26 16 C-18 8 -20 -4 -18 -12 C-14 -34 14 -34 18 -12 C20 -4 18 8 26 16 Z" fill="${p.accentDark}"/><circle cx="0" cy="25" r="8" fill="${p.ink}"/>`,
  ],
  [
    /夜|睡|休息|night|sleep|rest/i,
    (p) => `<path d="M10 -34 A34 34 0 1 0 32 14 A27 27 0 0 1 10 -34 Z" fill="${p.accentDark}"/>`,
  ],
  [
    /清晨|阳光|光|morning|sun|light/i,
    (p) =>
      `<circle r="16" fill="${p.accentDark}"/>${Array.from({ length: 8 }, (_, i) => `<rect x="-4" y="-38" width="8" height="14" rx="4" fill="${p.accentDark}" transform="rotate(${i * 45})"/>`).join('')}`,
  ],
  [
    /数据|成果|方案|data|result|plan|growth/i,
    (p) =>
      `<path d="M-30 28 V4 M-10 28 V-10 M10 28 V-2 M30 28 V-28" stroke="${p.accentDark}" stroke-width="11" stroke-linecap="round"/>`,
  ],
  [
    /分享|服务|团队|人|share|service|team|friend|people/i,
    (p) =>
      `<circle cx="-14" cy="-13" r="13" fill="${p.accentDark}"/><circle cx="18" cy="-10" r="11" fill="${p.ink}" opacity=".7"/><path d="M-38 30 C-38 -2 10 -2 10 30 Z" fill="${p.accentDark}"/><path d="M14 30 C14 14 8 6 10 6 C30 0 40 10 40 30 Z" fill="${p.ink}" opacity=".7"/>`,
  ],
  [
    /运动|节奏|步|move|run|step|rhythm/i,
    (p) =>
      `<path d="M-34 6 H-16 L-6 -26 L8 28 L18 6 H34" fill="none" stroke="${p.accentDark}" stroke-width="8" stroke-linecap="round" stroke-linejoin="round"/>`,
  ],
  [
    /街|远望|城|地|角度|travel|street|view|angle|map/i,
    (p) =>
      `<path d="M0 36 C-34 0 -28 -34 0 -34 C28 -34 34 0 0 36 Z" fill="${p.accentDark}"/><circle cy="-8" r="11" fill="${p.light}"/>`,
  ],
  [
    /未来|连接|智能|future|connect|smart|ahead/i,
    (p) =>
      `<path d="M-30 2 C-14 -16 14 -16 30 2 M-18 15 C-8 5 8 5 18 15" fill="none" stroke="${p.accentDark}" stroke-width="8" stroke-linecap="round"/><circle cy="28" r="6" fill="${p.accentDark}"/>`,
  ],
  [
    /生长|原料|自然|守护|grow|nature|ingredient|fresh/i,
    (p) =>
      `<path d="M-28 30 C-36 -20 0 -36 34 -32 C36 4 12 34 -18 22 Z" fill="${p.accentDark}"/><path d="M-28 32 C-14 8 4 -6 20 -18" stroke="${p.light}" stroke-width="5" fill="none"/>`,
  ],
  [
    /时间|日|一天|time|day|timing/i,
    (p) =>
      `<circle r="32" fill="none" stroke="${p.accentDark}" stroke-width="7"/><path d="M0 -18 V2 L14 10" stroke="${p.ink}" stroke-width="7" fill="none" stroke-linecap="round"/>`,
  ],
];

const STAR = (p: Palette) =>
  `<path d="M0 -36 L10 -11 L36 -10 L15 7 L23 33 L0 18 L-23 33 L-15 7 L-36 -10 L-10 -11 Z" fill="${p.accentDark}"/>`;

const MAX_BADGES = 3;

/** Beside the motif, in motif units: to the right or left of it, and how far down. */
const CORNERS = [
  [-1, -185],
  [1, -195],
  [1, 150],
  [-1, 160],
] as const;

export function drawBadges(prompt: string, { width, palette, dice, place }: Stage & { place: MotifPlace }): string {
  // The subject is the motif's; signs belong to what the prompt says about it.
  const about = prompt
    .split(/[，,。;；\n]/)
    .slice(1)
    .join('，');
  const found = SIGNS.filter(([pattern]) => pattern.test(about)).map(([, draw]) => draw);
  const signs = [...found, STAR].slice(0, Math.max(1, Math.min(MAX_BADGES, found.length)));
  const corners = dice.shuffle(CORNERS);
  return signs
    .map((draw, index) => {
      const [right, down] = corners[index] ?? [1, -1];
      const margin = 72 * place.scale;
      const x = Math.max(margin, Math.min(width - margin, place.x + right * 205 * place.scale));
      const y = place.y + down * place.scale;
      const size = place.scale * dice.between(0.82, 1);
      return `<g transform="translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${size.toFixed(3)})">
        <circle cy="7" r="61" fill="${palette.ink}" opacity=".2"/><circle r="60" fill="${palette.light}" opacity=".96"/>${draw(palette)}</g>`;
    })
    .join('');
}
