import type { Stage } from './backdrop.ts';

const MAX_LINES = 2;

/** The prompt's first words as a title, the next ones below it. */
export function drawHeadline(prompt: string, { width, height, palette }: Stage): string {
  const [title = '', idea = ''] = prompt
    .split(/[，,。.;；：:!！?？\n]+/)
    .map((part) => part.trim())
    .filter(Boolean);
  const wide = width > height * 1.15;
  const room = wide ? width * 0.4 : width * 0.84;
  const size = Math.round(Math.min(wide ? width * 0.052 : width * 0.092, height * 0.09));
  const lines = wrap(title, room / size).slice(0, MAX_LINES);
  const x = wide ? width * 0.07 : width / 2;
  const top = wide ? height * 0.4 : Math.max(height * 0.115, size * 1.5);
  const anchor = wide ? 'start' : 'middle';
  const text = (words: string, y: number, fontSize: number, opacity: number) =>
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-family="Noto Sans SC" font-weight="700" font-size="${fontSize}" text-anchor="${anchor}" fill="${palette.text}" opacity="${opacity}">${escape(words)}</text>`;
  const below = top + lines.length * size * 1.22;
  const small = Math.round(size * 0.5);
  const ideaLine = wrap(idea, room / small)[0] ?? '';
  const bar = wide ? x : x - size * 0.6;
  const light = palette.text === '#ffffff' || palette.text === '#fff8ec';
  return `${light && !wide ? `<rect width="${width}" height="${(height * 0.32).toFixed(1)}" fill="url(#veil)"/>` : ''}
    ${lines.map((line, index) => text(line, top + index * size * 1.22, size, 1)).join('')}
    <rect x="${bar.toFixed(1)}" y="${(below - size * 0.78).toFixed(1)}" width="${(size * 1.2).toFixed(1)}" height="${(size * 0.09).toFixed(1)}" rx="${(size * 0.045).toFixed(1)}" fill="${palette.accent}"/>
    ${ideaLine ? text(ideaLine, below + small * 0.35, small, 0.9) : ''}`;
}

/** Breaks by words (Han characters break anywhere) into lines of at most this many ems. */
function wrap(text: string, ems: number): string[] {
  const words = [...new Intl.Segmenter('zh', { granularity: 'word' }).segment(text)].map(({ segment }) => segment);
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && widthOf(line + word) > ems) {
      lines.push(line.trim());
      line = '';
    }
    line += word;
  }
  if (line.trim()) lines.push(line.trim());
  return balanced(lines, words, ems);
}

/** Two lines of about one length read better than a full one and a rest. */
function balanced(lines: readonly string[], words: readonly string[], ems: number): string[] {
  if (lines.length !== 2) return [...lines];
  const half = widthOf(words.join('')) / 2;
  let first = '';
  for (const word of words) {
    if (widthOf(first + word) > Math.min(ems, half + 1.2)) break;
    first += word;
  }
  const rest = words.join('').slice(first.length);
  return first && widthOf(rest) <= ems ? [first.trim(), rest.trim()] : [...lines];
}

function widthOf(text: string): number {
  return [...text].reduce(
    (sum, point) => sum + (/[\u2e80-\uffef]/.test(point) ? 1 : /[A-Z]/.test(point) ? 0.68 : 0.56),
    0,
  );
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.codePointAt(0)};`).replace(/[\u0000-\u001f\ud800-\udfff]/g, '');
}
