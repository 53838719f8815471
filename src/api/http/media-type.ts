/** Enough of a file's head for every kind below. */
export const SNIFFED_BYTES = 64;

const ascii = (head: Buffer, from: number, to: number): string => head.toString('latin1', from, to);

/** The type by what the bytes are; null when it is none that may be uploaded. */
export function sniffMediaType(head: Buffer): string | null {
  return SIGNATURES.find(([, matches]) => matches(head))?.[0] ?? null;
}

const SIGNATURES: readonly (readonly [string, (head: Buffer) => boolean])[] = [
  ['audio/wav', (head) => ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 12) === 'WAVE'],
  ['image/webp', (head) => ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 12) === 'WEBP'],
  ['audio/ogg', (head) => ascii(head, 0, 4) === 'OggS'],
  // Only the brands that are sound by name: `isom` and its like may be films.
  ['audio/mp4', (head) => ascii(head, 4, 8) === 'ftyp' && /^M4[ABP] /.test(ascii(head, 8, 12))],
  ['video/quicktime', (head) => ascii(head, 4, 12) === 'ftypqt  '],
  // Other brands of the same container hold films, mostly; what a clip really holds is seen when it is decoded.
  [
    'video/mp4',
    (head) =>
      ascii(head, 4, 8) === 'ftyp' && /^(?:isom|iso[2-9]|mp4[12]|avc1|M4V |MSNV|dash|hvc1)/.test(ascii(head, 8, 12)),
  ],
  ['video/webm', (head) => head.length > 3 && head.readUInt32BE(0) === 0x1a45dfa3 && head.includes('webm')],
  ['image/jpeg', (head) => head.length > 2 && head.readUIntBE(0, 3) === 0xffd8ff],
  ['image/png', (head) => ascii(head, 0, 8) === '\x89PNG\r\n\x1a\n'],
  ['audio/mpeg', (head) => ascii(head, 0, 3) === 'ID3' || frameLayer(head) === 1],
  ['audio/aac', (head) => frameLayer(head) === 0],
];

/** MPEG audio frames begin with twelve set bits (eleven in MPEG 2.5); two further bits name the layer: 0 is ADTS, 1 is layer III. */
function frameLayer(head: Buffer): number | null {
  const [first = 0, second = 0] = head;
  return first === 0xff && (second & 0xe0) === 0xe0 ? (second >> 1) & 3 : null;
}

const ALIASES: Record<string, string> = {
  'audio/mp3': 'audio/mpeg',
  'audio/x-mp3': 'audio/mpeg',
  'audio/wave': 'audio/wav',
  'audio/x-wav': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/m4a': 'audio/mp4',
  'audio/x-m4a': 'audio/mp4',
  'audio/x-aac': 'audio/aac',
  'audio/aacp': 'audio/aac',
  'application/ogg': 'audio/ogg',
  'audio/opus': 'audio/ogg',
  'audio/vorbis': 'audio/ogg',
  'image/jpg': 'image/jpeg',
  'video/x-m4v': 'video/mp4',
  'video/mov': 'video/quicktime',
};

/** The one spelling of a type that a client may spell otherwise. */
export const canonicalMediaType = (type: string): string => ALIASES[type] ?? type;

export const UPLOADABLE_TYPES = SIGNATURES.map(([type]) => type);

const EXTENSIONS: Record<string, string> = {
  'video/mp4': 'mp4',
  'video/webm': 'webm',
  'video/quicktime': 'mov',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'audio/mp4': 'm4a',
  'audio/aac': 'aac',
  'audio/ogg': 'ogg',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'application/x-subrip': 'srt',
  'text/x-ssa': 'ass',
  'text/vtt': 'vtt',
  'application/json': 'json',
};

/** To be saved, whoever opens it: nothing a browser could show. */
const SAVED: Record<string, string> = { 'application/zip': 'zip' };

/** A file name made of nothing but the id and the type; types we do not know are saved, never shown. */
export function contentDisposition(id: string, mediaType: string): string {
  const type = mediaType.split(';')[0] ?? '';
  const shown = EXTENSIONS[type];
  const kind = shown === undefined ? 'attachment' : 'inline';
  return `${kind}; filename="${id.slice(0, 16)}.${shown ?? SAVED[type] ?? 'bin'}"`;
}
