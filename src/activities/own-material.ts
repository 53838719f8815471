import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Context } from '@temporalio/activity';
import type { AssetRef } from '../domain/asset.ts';
import { PermanentError } from '../domain/errors.ts';
import type { NarrationAsset, StillAsset } from '../domain/outcome.ts';
import { decodeImage } from '../render/decode-image.ts';
import { FfmpegError, runFfmpeg } from '../render/run-ffmpeg.ts';
import type { ActivityDeps } from './deps.ts';
import { WAV_HEADER_BYTES } from './wav.ts';

/** Stands where a model's name does. */
const OWN = 'own';
const SAMPLE_RATE = 48_000;
/** A scene's recording longer than the longest film is a mistake. */
const MAX_RECORDING_SECONDS = 180;

export interface TakeOwnPictureInput {
  /** sha256 of the uploaded asset. */
  picture: string;
}

export interface TakeOwnNarrationInput {
  videoId: string;
  sceneId: string;
  /** sha256 of the uploaded asset. */
  narration: string;
}

/** What users bring themselves, checked and made the same as what is bought. */
export function createOwnMaterialActivities(deps: ActivityDeps) {
  async function takeOwnPicture(input: TakeOwnPictureInput): Promise<StillAsset> {
    const image = await uploaded(input.picture);
    const size = await decodeImage(await deps.assets.read(image)).catch((cause: unknown) => {
      throw new PermanentError('unreadable_asset', 'The uploaded picture cannot be decoded.', { cause });
    });
    return { image, ...size, model: OWN };
  }

  /** Any sound becomes mono WAV, so that its length is known to the sample. Nobody timed its words: captions share the time. */
  async function takeOwnNarration(input: TakeOwnNarrationInput): Promise<NarrationAsset> {
    const recording = await uploaded(input.narration);
    const folder = path.join(deps.workDir, input.videoId);
    const file = path.join(folder, `own-${input.sceneId}.wav`);
    await mkdir(folder, { recursive: true });
    try {
      await deps.assets.withLocalFiles([recording], {
        signal: Context.current().cancellationSignal,
        work: (pathOf) => decodeSound(pathOf(recording), file),
      });
      const audio = await deps.assets.putFile(file, 'audio/wav');
      const samples = Math.floor((audio.sizeBytes - WAV_HEADER_BYTES) / 2);
      if (samples === 0) throw new PermanentError('unreadable_asset', 'The uploaded recording has no sound.');
      const words = await deps.assets.put(Buffer.from('[]'), 'application/json');
      return { audio, durationMs: (samples / SAMPLE_RATE) * 1000, words };
    } finally {
      await rm(file, { force: true });
    }
  }

  async function uploaded(sha256: string): Promise<AssetRef> {
    const asset = await deps.assets.find(sha256);
    if (asset === null)
      throw new PermanentError('asset_missing', 'What was uploaded is not in the asset store any more.');
    return asset;
  }

  async function decodeSound(from: string, to: string): Promise<void> {
    const args = ['-v', 'error', '-i', `file:${from}`, '-map', '0:a:0', '-t', String(MAX_RECORDING_SECONDS)];
    const shape = ['-ac', '1', '-ar', String(SAMPLE_RATE), '-c:a', 'pcm_s16le', '-bitexact', '-f', 'wav', `file:${to}`];
    try {
      const signal = Context.current().cancellationSignal;
      await runFfmpeg({ ffmpeg: deps.ffmpeg, cwd: path.dirname(to), signal, args: [...args, ...shape] });
    } catch (cause) {
      if (!(cause instanceof FfmpegError)) throw cause;
      throw new PermanentError('unreadable_asset', 'The uploaded recording cannot be decoded.', { cause });
    }
  }

  return { takeOwnPicture, takeOwnNarration };
}
