import { spawn } from 'node:child_process';

import { toWav } from './waveform.ts';

export type AudioFormat = 'pcm' | 'wav' | 'mp3' | 'ogg_opus';

const ENCODERS: Record<'mp3' | 'ogg_opus', readonly string[]> = {
  mp3: ['-c:a', 'libmp3lame', '-f', 'mp3'],
  ogg_opus: ['-c:a', 'libopus', '-f', 'ogg'],
};

interface Encoding {
  format: AudioFormat;
  sampleRate: number;
  bitRate: number;
  ffmpegPath: string | undefined;
}

/** Undefined when the format needs ffmpeg and there is none, or it fails. */
export async function encode(
  pcm: Buffer,
  { format, sampleRate, bitRate, ffmpegPath }: Encoding,
): Promise<Buffer | undefined> {
  if (format === 'pcm') return pcm;
  if (format === 'wav') return toWav(pcm, sampleRate);
  if (!ffmpegPath) return undefined;
  const input = ['-f', 's16le', '-ar', String(sampleRate), '-ac', '1', '-i', 'pipe:0'];
  const quiet = ['-hide_banner', '-loglevel', 'error', '-nostdin'];
  return runFfmpeg(ffmpegPath, [...quiet, ...input, ...ENCODERS[format], '-b:a', String(bitRate), 'pipe:1'], pcm);
}

function runFfmpeg(path: string, args: readonly string[], input: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const child = spawn(path, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => resolve(code === 0 ? Buffer.concat(pieces) : undefined));
    // ffmpeg may end early; its exit code tells.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
