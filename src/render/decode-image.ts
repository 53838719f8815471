import sharp from 'sharp';
import { MAX_PIXELS } from '../domain/max-pixels.ts';

/**
 * Decodes the whole picture, off the event loop, so that nothing half-broken reaches a film.
 * @throws when any part of it cannot be decoded.
 */
export async function decodeImage(bytes: Buffer, maxPixels = MAX_PIXELS): Promise<{ width: number; height: number }> {
  const { info } = await sharp(bytes, { failOn: 'warning', limitInputPixels: maxPixels })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height };
}
