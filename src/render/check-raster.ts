import type { Canvas } from '../domain/canvas.ts';
import { PermanentError } from '../domain/errors.ts';
import { MAX_PIXELS } from '../domain/max-pixels.ts';
import type { Probe } from './probe.ts';

type Raster = Pick<NonNullable<Probe['video']>, 'width' | 'height' | 'pixelAspectRatio'>;

/**
 * A small file may claim any raster and any shape of its pixels: what would take gigabytes to show is refused unread.
 * @throws PermanentError `unreadable_asset`.
 */
export function checkRaster(video: Raster, canvas: Canvas): void {
  const { width, height, pixelAspectRatio } = video;
  // Both ways up: which one it is, a decoder may only learn from the frames.
  const shown = [
    { width: width * pixelAspectRatio, height },
    { width: height / pixelAspectRatio, height: width },
  ];
  const largest = Math.max(
    width * height,
    ...shown.flatMap((raster) => [area(raster), area(covering(raster, canvas))]),
  );
  if (largest <= MAX_PIXELS) return;
  const limit = MAX_PIXELS / 1e6;
  throw new PermanentError(
    'unreadable_asset',
    `The uploaded clip is too large: ${width}x${height} with pixels of shape ${pixelAspectRatio}:1 would take ` +
      `${Math.round(largest / 1e6)} megapixels to show; at most ${limit} are taken.`,
  );
}

const area = ({ width, height }: Canvas): number => width * height;

function covering({ width, height }: Canvas, canvas: Canvas): Canvas {
  const scale = Math.max(canvas.width / width, canvas.height / height);
  return { width: width * scale, height: height * scale };
}
