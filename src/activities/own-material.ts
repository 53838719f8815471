import { Context } from '@temporalio/activity';
import { PermanentError } from '../domain/errors.ts';
import type { AssetRef } from '../domain/asset.ts';
import type { ClipAsset, NarrationAsset, StillAsset } from '../domain/outcome.ts';
import { decodeImage } from '../render/decode-image.ts';
import { convertClip } from '../render/convert-clip.ts';
import { runFfmpeg } from '../render/run-ffmpeg.ts';
import { isFilesFault } from '../render/unreadable.ts';
import type { ActivityDeps } from './deps.ts';
import { type ClipFilm, storeFilmClip } from './film-clip.ts';
import { uploadedAsset } from './uploaded-asset.ts';
import { WAV_HEADER_BYTES } from './wav.ts';
import { inWorkFile } from './work-file.ts';

/** Stands where a model's name does. */
const OWN = 'own';
const SAMPLE_RATE = 48_000;
/** A scene's recording longer than the longest film is a mistake. */
const MAX_RECORDING_SECONDS = 180;
const CLIP = { what: 'clip', stream: '0:v:0' };
const RECORDING = { what: 'recording', stream: '0:a:0' };

export interface TakeOwnPictureInput {
  /** sha256 of the uploaded asset. */
  picture: string;
}

export interface TakeOwnClipInput {
  videoId: string;
  sceneId: string;
  /** sha256 of the uploaded asset. */
  clip: string;
  film: ClipFilm;
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
    const image = await uploadedAsset(deps.assets, { sha256: input.picture });
    const size = await decodeImage(await deps.assets.read(image)).catch((cause: unknown) => {
      throw new PermanentError('unreadable_asset', 'The uploaded picture cannot be decoded.', { cause });
    });
    return { image, ...size, model: OWN };
  }

  /** Any clip becomes one that every editor and our renderer read. */
  async function takeOwnClip({ videoId, sceneId, clip: sha256, film }: TakeOwnClipInput): Promise<ClipAsset> {
    const uploaded = await uploadedAsset(deps.assets, { sha256 });
    return storeFilmClip(deps, { name: `own-${sceneId}`, videoId, model: OWN }, (file, cwd) =>
      withLocalFile(uploaded, (from) =>
        converted(from, CLIP, () =>
          convertClip({
            ffmpeg: deps.ffmpeg,
            from,
            to: file,
            ...film,
            cwd,
            signal: Context.current().cancellationSignal,
          }),
        ),
      ),
    );
  }

  /** Any sound becomes mono WAV, so that its length is known to the sample. Nobody timed its words: captions share the time. */
  async function takeOwnNarration({ videoId, sceneId, narration }: TakeOwnNarrationInput): Promise<NarrationAsset> {
    const recording = await uploadedAsset(deps.assets, { sha256: narration });
    return inWorkFile(deps, { videoId, name: `own-${sceneId}`, type: 'wav' }, async (file, cwd) => {
      await withLocalFile(recording, (from) => converted(from, RECORDING, () => decodeSound(from, file, cwd)));
      const audio = await deps.assets.putFile(file, 'audio/wav');
      const samples = Math.floor((audio.sizeBytes - WAV_HEADER_BYTES) / 2);
      if (samples === 0) throw new PermanentError('unreadable_asset', 'The uploaded recording has no sound.');
      const words = await deps.assets.put(Buffer.from('[]'), 'application/json');
      return { audio, durationMs: (samples / SAMPLE_RATE) * 1000, words };
    });
  }

  async function decodeSound(from: string, to: string, cwd: string): Promise<void> {
    const args = ['-v', 'error', '-i', `file:${from}`, '-map', '0:a:0', '-t', String(MAX_RECORDING_SECONDS)];
    const shape = ['-ac', '1', '-ar', String(SAMPLE_RATE), '-c:a', 'pcm_s16le', '-bitexact', '-f', 'wav', `file:${to}`];
    const signal = Context.current().cancellationSignal;
    await runFfmpeg({ ffmpeg: deps.ffmpeg, cwd, signal, args: [...args, ...shape] });
  }

  const withLocalFile = <Made>(asset: AssetRef, work: (file: string) => Promise<Made>): Promise<Made> =>
    deps.assets.withLocalFiles([asset], {
      signal: Context.current().cancellationSignal,
      work: (pathOf) => work(pathOf(asset)),
    });

  /** What cannot be decoded is the user's to mend; a full disk is not. */
  async function converted<Made>(
    from: string,
    { what, stream }: typeof CLIP,
    convert: () => Promise<Made>,
  ): Promise<Made> {
    try {
      return await convert();
    } catch (cause) {
      // Says itself what is wrong.
      if (cause instanceof PermanentError && cause.code === 'unreadable_asset') throw cause;
      const unreadable = new PermanentError('unreadable_asset', `The uploaded ${what} cannot be decoded.`, { cause });
      if (cause instanceof PermanentError) throw unreadable;
      const check = { path: from, stream, ffmpeg: deps.ffmpeg, signal: Context.current().cancellationSignal };
      if (await isFilesFault(cause, check)) throw unreadable;
      throw cause;
    }
  }

  return { takeOwnPicture, takeOwnClip, takeOwnNarration };
}
