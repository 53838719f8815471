export const MEDIA_TYPES = { jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp', mp4: 'video/mp4' } as const;
export type MediaFormat = keyof typeof MEDIA_TYPES;

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const JPEG_SIGNATURE = Buffer.from([0xff, 0xd8, 0xff]);

const FILM_BRANDS = /^(?:isom|iso[2-9]|mp4[12]|avc1|M4V |MSNV|dash|hvc1)/;

/** What a file is, by its first bytes; headers and names are only claims. */
export function sniffFormat(bytes: Buffer): MediaFormat | null {
  if (bytes.subarray(0, 3).equals(JPEG_SIGNATURE)) return 'jpeg';
  if (bytes.subarray(0, 8).equals(PNG_SIGNATURE)) return 'png';
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') return 'webp';
  // The same box begins pictures (AVIF, HEIC) and sounds: only the brands of films.
  if (ascii(bytes, 4, 8) === 'ftyp' && FILM_BRANDS.test(ascii(bytes, 8, 12))) return 'mp4';
  return null;
}

const ascii = (bytes: Buffer, from: number, to: number): string => bytes.subarray(from, to).toString('latin1');
