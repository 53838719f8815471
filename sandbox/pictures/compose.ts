import { seeded, type Seeded } from '../seeded.ts';
import { drawBackdrop } from './backdrop.ts';
import { drawBadges } from './badges.ts';
import { drawHeadline } from './headline.ts';
import { chooseMotif } from './motifs.ts';
import { choosePalette, withColors, type Palette } from './palette.ts';

export interface Composition {
  prompt: string;
  width: number;
  height: number;
  seed: string;
  watermark: boolean;
  colors: readonly string[] | null;
}

/** One picture as SVG: backdrop, ground shadow, motif, what the idea adds, the prompt's words, the marks. */
export function composePicture({ prompt, width, height, seed, watermark, colors }: Composition): string {
  const dice = seeded(seed, prompt, `${width}x${height}`);
  // By subject, not by prompt: the scenes of one film keep their colours.
  const own = choosePalette(prompt, seeded(seed.split('/')[0] ?? '', prompt.split(/[，,]/)[0] ?? ''));
  const palette = colors === null ? own : withColors(own, colors);
  const stage = { width, height, palette, dice };
  const place = placeMotif(width, height, dice);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
    ${definitions(palette)}
    ${drawBackdrop(stage)}
    <ellipse cx="${place.x}" cy="${place.y + 214 * place.scale}" rx="${210 * place.scale}" ry="${26 * place.scale}" fill="${palette.ink}" opacity=".26"/>
    <circle cx="${place.x}" cy="${place.y}" r="${330 * place.scale}" fill="url(#halo)"/>
    <g transform="translate(${place.x} ${place.y}) rotate(${place.turn}) scale(${place.scale})">${chooseMotif(prompt)(palette)}</g>
    ${drawBadges(prompt, { ...stage, place })}
    <rect width="${width}" height="${height}" fill="url(#vignette)"/>
    ${drawHeadline(prompt, stage)}
    ${drawMarks({ width, height, palette, watermark })}
  </svg>`;
}

export interface MotifPlace {
  x: number;
  y: number;
  scale: number;
  turn: number;
}

/** The lower quarter stays calm: captions stand there. */
function placeMotif(width: number, height: number, dice: Seeded): MotifPlace {
  const wide = width > height * 1.15;
  const room = wide ? Math.min(width * 0.42, height * 0.62) : Math.min(width * 0.72, height * 0.44);
  return {
    x: Math.round(width * (wide ? dice.between(0.66, 0.72) : dice.between(0.46, 0.54))),
    y: Math.round(height * (wide ? dice.between(0.48, 0.54) : dice.between(0.49, 0.54))),
    scale: Number(((room / 430) * dice.between(0.92, 1.06)).toFixed(3)),
    turn: Number(dice.between(-4, 4).toFixed(1)),
  };
}

function definitions(p: Palette): string {
  const stop = (offset: number, color: string, opacity = 1) =>
    `<stop offset="${offset}" stop-color="${color}" stop-opacity="${opacity}"/>`;
  return `<defs>
    <linearGradient id="sky" x1="0" y1="0" x2="0.25" y2="1">${stop(0, p.sky[0])}${stop(0.5, p.sky[1])}${stop(1, p.sky[2])}</linearGradient>
    <radialGradient id="glow">${stop(0, p.glow, 0.75)}${stop(0.45, p.glow, 0.22)}${stop(1, p.glow, 0)}</radialGradient>
    <radialGradient id="halo">${stop(0, p.light, 0.5)}${stop(0.6, p.light, 0.14)}${stop(1, p.light, 0)}</radialGradient>
    <linearGradient id="metal" x1="0" y1="0" x2="1" y2="1">${stop(0, '#f7f9fc')}${stop(0.5, '#aeb8c6')}${stop(1, '#6c7788')}</linearGradient>
    <linearGradient id="screen" x1="0" y1="0" x2="1" y2="1">${stop(0, p.accent)}${stop(1, p.sky[0])}</linearGradient>
    <linearGradient id="cup" x1="0" y1="0" x2="1" y2="0">${stop(0, p.light)}${stop(1, p.accent)}</linearGradient>
    <radialGradient id="vignette" cx="0.5" cy="0.48" r="0.78">${stop(0.55, p.ink, 0)}${stop(1, p.ink, 0.42)}</radialGradient>
    <linearGradient id="veil" x1="0" y1="0" x2="0" y2="1">${stop(0, p.ink, 0.55)}${stop(1, p.ink, 0)}</linearGradient>
  </defs>`;
}

interface Marks {
  width: number;
  height: number;
  palette: Palette;
  watermark: boolean;
}

function drawMarks({ width, height, palette, watermark }: Marks): string {
  const size = Math.round(Math.min(width, height) * 0.022);
  // Far enough inside that a camera that moves over the picture keeps them in sight.
  const margin = { x: Math.round(width * 0.1), y: Math.round(height * 0.1) };
  const text = (x: number, anchor: string, words: string) =>
    `<text x="${x}" y="${height - margin.y}" font-family="Noto Sans SC" font-size="${size}" letter-spacing="${size * 0.12}" text-anchor="${anchor}" fill="${palette.light}" opacity=".6">${words}</text>`;
  return `${text(margin.x, 'start', 'SANDBOX')}${watermark ? text(width - margin.x, 'end', 'AI 生成') : ''}`;
}
