import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import type { AigcMetadata } from '../domain/aigc-metadata.ts';
import type { Canvas } from '../domain/canvas.ts';
import { safeMargins } from '../timeline/safe-area.ts';
import type { PictureSource, Timeline } from '../timeline/timeline.ts';
import { aigcXmp } from './aigc-tags.ts';
import { assScript, dialogue, drawnText, softEdge, type Style } from './ass.ts';
import type { RenderJob } from './job.ts';
import { labelEvents, labelStyles } from './label.ts';
import { FONTS_FOLDER, pictureInput } from './pictures.ts';
import { titleLines } from './title-card.ts';
import { contentKey, keep, temporaryName } from './work-files.ts';

export interface CoverPicture {
  source: PictureSource;
  /** Prepared at the film's raster, in the work folder, when somebody asks. */
  file: () => Promise<string>;
}

const COVER = 'cover.jpg';
/** What is this dark, bright (mean luma, 0–255) or even (its deviation) shows nothing. */
const BLANK = { dark: 18, bright: 243, even: 6 };
/** Judged at this width: noise does not count as sharpness. */
const JUDGED_WIDTH = 320;
/** A title starts at this share of the shorter side for an em and shrinks until it has few enough lines. */
const TITLE = { em: 0.115, shrink: [1, 0.85, 0.7, 0.58], lines: 3 };

/**
 * The film's cover: the opening scene's picture as it was made, uncropped by motion and free of captions, with the
 * film's title and the AI label. Gives its name.
 */
export async function makeCover(
  pictures: readonly CoverPicture[],
  { job, aigc }: { job: RenderJob; aigc: AigcMetadata | null },
): Promise<string> {
  const { timeline, workDir } = job;
  const picture = await choose(pictures, job);
  const script = coverAss(timeline, { titled: picture.source.kind !== 'title_card' });
  const subtitles = `cover-${contentKey(script)}.ass`;
  await keep(workDir, { name: subtitles, make: (file) => writeFile(join(workDir, file), script) });
  const still = await stillOf(await picture.file(), {
    job,
    size: timeline.canvas,
    filter: `ass=${subtitles}:fontsdir=${FONTS_FOLDER}`,
  });
  const temporary = join(workDir, temporaryName(COVER));
  const image = still.jpeg({ quality: 90, chromaSubsampling: '4:4:4' });
  await (aigc === null ? image : image.withXmp(aigcXmp(aigc))).toFile(temporary);
  await rename(temporary, join(workDir, COVER));
  return COVER;
}

/** The opening picture, unless it shows nothing; then the sharpest of those that do; cards last. */
async function choose(pictures: readonly CoverPicture[], job: RenderJob): Promise<CoverPicture> {
  const { width, height } = job.timeline.canvas;
  const size = { width: JUDGED_WIDTH, height: Math.round((JUDGED_WIDTH * height) / width / 2) * 2 };
  const real = pictures.filter(({ source }) => source.kind !== 'title_card');
  let best: { picture: CoverPicture; sharpness: number } | null = null;
  for (const [index, picture] of real.entries()) {
    const still = await stillOf(await picture.file(), { job, size, filter: `scale=${size.width}:${size.height}` });
    const { channels, sharpness } = await sharp(await still.greyscale().png().toBuffer()).stats();
    const { mean, stdev } = channels[0]!;
    if (mean < BLANK.dark || mean > BLANK.bright || stdev < BLANK.even) continue;
    if (index === 0 && pictures[0] === picture) return picture;
    if (best === null || sharpness > best.sharpness) best = { picture, sharpness };
  }
  return best?.picture ?? real[0] ?? pictures[0]!;
}

/** One frame as it is, in RGB: to pack a full one as PNG would take longer than all else of the cover. */
async function stillOf(
  file: string,
  { job, size: { width, height }, filter }: { job: RenderJob; size: Canvas; filter: string },
): Promise<Sharp> {
  const name = temporaryName('still.rgb');
  const path = join(job.workDir, name);
  const rgb = 'scale=in_color_matrix=bt709:in_range=tv:out_range=pc,format=rgb24';
  const input = pictureInput(file, job.timeline);
  try {
    const output = ['-frames:v', '1', '-vf', `${filter},${rgb}`, '-f', 'rawvideo', name];
    await job.run(['-v', 'error', ...input, ...output]);
    return sharp(await readFile(path), { raw: { width, height, channels: 3 } });
  } finally {
    await rm(path, { force: true });
  }
}

/** The title at the bottom of the safe area over a soft shade, the label where it stands in the film. */
function coverAss(timeline: Timeline, { titled }: { titled: boolean }): string {
  const { canvas, title, language, tracks } = timeline;
  const { left, right, bottom } = safeMargins(canvas);
  const always = { startUs: 0, endUs: 1_000_000 };
  const labels = tracks.labels.slice(0, 1).map((label) => ({ ...label, startUs: 0, durationUs: always.endUs }));
  const { em, lines } = fitTitle(title, { canvas, language, width: canvas.width * (1 - left - right) });
  const style: Style = {
    ...{ name: 'Title', em, colours: '&H00FFFFFF,&H00FFFFFF,&H00201A18,&H60000000', outline: 0.06, shadow: 0.05 },
    alignment: 2,
    margins: {
      left: Math.round(canvas.width * left),
      right: Math.round(canvas.width * right),
      vertical: Math.round(canvas.height * bottom),
    },
  };
  const text = `{${softEdge(em)}}${lines.map((line) => drawnText(line, em)).join('\\N')}`;
  const titleEvents =
    titled && lines.length > 0
      ? [
          dialogue({ style: 'Title', ...always, text: shade(canvas, { from: 1 - bottom, lines: lines.length, em }) }),
          dialogue({ style: 'Title', ...always, layer: 1, text }),
        ]
      : [];
  return assScript(canvas, [style, ...labelStyles(labels, canvas)], [...titleEvents, ...labelEvents(labels, canvas)]);
}

/** A dark band behind the title, blurred until it has no edge. */
function shade(
  { width, height }: Timeline['canvas'],
  { from, lines, em }: { from: number; lines: number; em: number },
): string {
  const bottom = Math.round(height * from + em * 0.6);
  const top = Math.round(height * from - lines * em * 1.5 - em * 0.2);
  const blur = Math.round(em * 0.7);
  const [outLeft, outRight] = [-4 * blur, width + 4 * blur];
  const shape = `m ${outLeft} ${top} l ${outRight} ${top} ${outRight} ${bottom} ${outLeft} ${bottom}`;
  return `{\\an7\\pos(0,0)\\bord0\\shad0\\blur${blur}\\1c&H14100E&\\1a&H58&\\p1}${shape}`;
}

/** The largest size at which the title needs few enough lines. */
function fitTitle(
  title: string,
  { canvas, language, width }: { canvas: Timeline['canvas']; language: string; width: number },
): { em: number; lines: string[] } {
  const largest = Math.min(canvas.width, canvas.height) * TITLE.em;
  const sizes = TITLE.shrink.map((share) => {
    const em = Math.round(largest * share);
    const columns = Math.max(6, Math.floor((2 * width) / em));
    return { em, lines: titleLines(title, { language, columns, most: 6 }) };
  });
  const fitting = sizes.find(({ lines }) => lines.length <= TITLE.lines) ?? sizes.at(-1)!;
  return { ...fitting, lines: fitting.lines.slice(0, TITLE.lines + 1) };
}
