import { PermanentError } from '../domain/errors.ts';
import { readMediaInfo, type MediaTrack } from './media-info.ts';
import { runFfmpeg } from './run-ffmpeg.ts';

export interface Probe {
  /** As MediaInfo calls it: `MPEG-4`, `WebM`, `Wave`, … */
  container: string;
  durationSeconds: number;
  sizeBytes: number;
  video: {
    codec: string;
    profile: string | null;
    level: string | null;
    width: number;
    height: number;
    /** Width of a pixel by its height. */
    pixelAspectRatio: number;
    fps: number;
    /** Null where the container does not count them. */
    frames: number | null;
    durationSeconds: number | null;
    bitDepth: number | null;
    /** All frames are as long as each other. */
    isConstantRate: boolean;
    isProgressive: boolean;
    /** Clockwise, in degrees: how it is to be turned to be upright. */
    rotation: number;
    chroma: string | null;
    colourPrimaries: string | null;
    colourTransfer: string | null;
    colourMatrix: string | null;
    colourRange: string | null;
  } | null;
  audio: { codec: string; sampleRate: number; channels: number; durationSeconds: number | null } | null;
}

type Fields = MediaTrack['fields'];

/** What a media file says about itself, without ffprobe. */
export async function probeMedia(path: string): Promise<Probe> {
  const { tracks, sizeBytes } = await readMediaInfo(path);
  return { ...describe(tracks), sizeBytes };
}

function describe(tracks: readonly MediaTrack[]): Omit<Probe, 'sizeBytes'> {
  const of = (wanted: string): Fields | undefined => tracks.find(({ type }) => type === wanted)?.fields;
  const [general, video, audio] = [of('General'), of('Video'), of('Audio')];
  if (general?.['Format'] === undefined || (video ?? audio ?? of('Image')) === undefined) {
    throw new PermanentError('not_media', 'The file is not a media file.');
  }
  return {
    container: general['Format'],
    durationSeconds: number(general['Duration']) ?? 0,
    video: video === undefined ? null : describeVideo(video),
    audio:
      audio === undefined
        ? null
        : {
            codec: audio['Format'] ?? '',
            sampleRate: number(audio['SamplingRate']) ?? 0,
            channels: number(audio['Channels']) ?? 0,
            durationSeconds: number(audio['Duration']),
          },
  };
}

function describeVideo(video: Fields): NonNullable<Probe['video']> {
  return {
    codec: video['Format'] ?? '',
    profile: video['Format_Profile'] ?? null,
    level: video['Format_Level'] ?? null,
    width: number(video['Width']) ?? 0,
    height: number(video['Height']) ?? 0,
    pixelAspectRatio: number(video['PixelAspectRatio']) ?? 1,
    fps: number(video['FrameRate']) ?? 0,
    frames: number(video['FrameCount']),
    durationSeconds: number(video['Duration']),
    bitDepth: number(video['BitDepth']),
    isConstantRate: video['FrameRate_Mode'] === 'CFR',
    isProgressive: video['ScanType'] === 'Progressive',
    rotation: number(video['Rotation']) ?? 0,
    chroma: video['ChromaSubsampling'] ?? null,
    colourPrimaries: agreed(video['colour_primaries']),
    colourTransfer: agreed(video['transfer_characteristics']),
    colourMatrix: agreed(video['matrix_coefficients']),
    colourRange: agreed(video['colour_range']),
  };
}

/** MediaInfo lists what container and stream say, `BT.709 / BT.709`: one word where they agree. */
const agreed = (text: string | undefined): string | null =>
  text === undefined ? null : [...new Set(text.split(' / '))].join(' / ');

const number = (text: string | undefined): number | null => (text === undefined || text === '' ? null : Number(text));

interface Decode {
  ffmpeg: string;
  path: string;
  signal: AbortSignal;
}

/** Decodes everything and counts the pictures. @throws at the first fault. */
export async function decodeFully({ ffmpeg, path, signal }: Decode): Promise<{ frames: number }> {
  const args = [
    '-v',
    'error',
    '-xerror',
    '-i',
    `file:${path}`,
    '-map',
    '0',
    '-fps_mode',
    'passthrough',
    '-f',
    'null',
    '-',
  ];
  const { frames, report } = await runFfmpeg({ ffmpeg, cwd: '/', signal, args });
  if (report.trim() !== '') throw new Error('The film does not decode cleanly.');
  return { frames };
}

/** Counts the pictures without decoding them: quick even for a long film. */
export async function countFrames({ ffmpeg, path, signal }: Decode): Promise<number> {
  const args = ['-v', 'error', '-i', `file:${path}`, '-map', '0:v:0', '-c', 'copy', '-f', 'null', '-'];
  return (await runFfmpeg({ ffmpeg, cwd: '/', signal, args })).frames;
}
