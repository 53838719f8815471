import sharp from 'sharp';
import { MAX_PIXELS } from '../../domain/max-pixels.ts';
import { PermanentError } from '../../domain/errors.ts';

/** The vendor's limits: each side over 14 px, no more than sixteen times as long as wide. */
const LEAST_SIDE = 15;
const WIDEST_RATIO = 16;
/** What is sent: subject and colours are told as well by this as by 6000 px, and each picture of a film sends it again. */
const SENT_SIDE = 1536;
const JPEG_QUALITY = 88;

/**
 * A picture in the form Ark takes it: an upright JPEG well under the vendor's 10 MB, as a data URI, so that nothing of
 * ours needs to be reachable from outside.
 * @throws PermanentError `unusable_reference_image`
 */
export async function referenceImageOf(bytes: Buffer): Promise<string> {
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: MAX_PIXELS })
      .rotate()
      .resize(SENT_SIDE, SENT_SIDE, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: JPEG_QUALITY })
      .toBuffer({ resolveWithObject: true });
    const [short, long] = [Math.min(info.width, info.height), Math.max(info.width, info.height)];
    if (short >= LEAST_SIDE && long / short <= WIDEST_RATIO) return `data:image/jpeg;base64,${data.toString('base64')}`;
  } catch (cause) {
    throw new PermanentError('unusable_reference_image', 'The reference picture cannot be decoded.', { cause });
  }
  throw new PermanentError('unusable_reference_image', 'The reference picture is too small, or too long and narrow.');
}
