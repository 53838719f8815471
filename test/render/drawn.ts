import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Canvas } from '../../src/domain/canvas.ts';
import { fontPath, fontsFor } from '../../src/render/fonts.ts';

const run = promisify(execFile);

/** Luma and colour of one picture. */
export interface Drawn extends Canvas {
  /** RGB, 8 bits each. */
  rgb: Buffer;
}

/** What libass draws of a script at a time, over any background that ffmpeg's lavfi can make. */
export async function drawAss(
  script: string,
  options: {
    canvas: Canvas;
    texts: readonly string[];
    root: string;
    ffmpeg: string;
    background?: string;
    atSeconds?: number;
  },
): Promise<Drawn> {
  const { canvas, texts, root, ffmpeg, background = 'color=c=black', atSeconds = 0 } = options;
  const folder = await mkdtemp(join(root, 'drawn-'));
  await mkdir(join(folder, 'fonts'));
  for (const font of fontsFor(texts)) await copyFile(fontPath(font), join(folder, 'fonts', basename(fontPath(font))));
  await writeFile(join(folder, 'text.ass'), script);
  const source = `${background}${background.includes('=') ? ':' : '='}s=${canvas.width}x${canvas.height}:r=100:d=1`;
  // The frame's time, not its place, decides what is drawn.
  const filters = `format=rgb24,setpts=PTS+${atSeconds}/TB,ass=text.ass:fontsdir=fonts,format=rgb24`;
  const args = [
    '-v',
    'error',
    '-copyts',
    '-f',
    'lavfi',
    '-i',
    source,
    '-vf',
    filters,
    '-frames:v',
    '1',
    '-f',
    'rawvideo',
    '-',
  ];
  const { stdout } = await run(ffmpeg, args, { cwd: folder, encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 });
  return { ...canvas, rgb: stdout };
}

/** Pixels of which something is true, as a box (ends exclusive) with their count; null when there is none. */
export function boxOf(
  { rgb, width }: Drawn,
  is: (red: number, green: number, blue: number) => boolean,
): { left: number; right: number; top: number; bottom: number; count: number } | null {
  let box: { left: number; right: number; top: number; bottom: number; count: number } | null = null;
  for (let at = 0; at < rgb.length; at += 3) {
    if (!is(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!)) continue;
    const [x, y] = [(at / 3) % width, Math.floor(at / 3 / width)];
    box ??= { left: x, right: x + 1, top: y, bottom: y + 1, count: 0 };
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x + 1);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y + 1);
    box.count++;
  }
  return box;
}

export const isBright = (red: number, green: number, blue: number): boolean => red + green + blue > 600;
/** The colour of words that have been spoken. */
export const isLit = (red: number, green: number, blue: number): boolean => red > 200 && green > 150 && blue < 140;
export const isUnlit = (red: number, green: number, blue: number): boolean => red > 200 && green > 200 && blue > 200;
