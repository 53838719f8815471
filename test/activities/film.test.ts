import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { CancelledFailure } from '@temporalio/activity';
import sharp from 'sharp';
import { progressOf } from '../../src/activities/report-progress.ts';
import type { RenderVideoInput } from '../../src/activities/render.ts';
import type { LayOutFilmInput } from '../../src/activities/timeline.ts';
import type { NarrationAsset, StillAsset } from '../../src/domain/outcome.ts';
import { RenderProgress } from '../../src/domain/progress.ts';
import type { ScenePicture } from '../../src/domain/substitution.ts';
import { DEFAULT_VOICE } from '../../src/domain/voice.ts';
import { probeMedia } from '../../src/render/probe.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import { processesIn } from '../render/films.ts';
import { until } from '../ledger/shop.ts';
import { KEPT_MEDIA, useSandbox } from '../sandbox/harness.ts';
import { newVideoId, specOf, TENANT, useWorkshop } from './workshop.ts';

const SECONDS = 5;
const FPS = 24;
const TEXTS = ['清晨的山谷，阳光正好。', '带上水壶和地图。', '慢慢走，看看花。'];
const CANVAS = { width: 180, height: 320 };

describe('the film activities', () => {
  const sandbox = useSandbox(KEPT_MEDIA);
  const workshop = useWorkshop(sandbox, { ARK_IMAGE_MODEL: 'doubao-seedream-3-0-t2i-250415' });

  const videoId = newVideoId();
  let narration: NarrationAsset;
  let unusedNarration: NarrationAsset;
  let still: StillAsset;

  before(async () => {
    const { synthesizeNarration, generateStill } = workshop.activities;
    const of = (sceneId: string) => ({ videoId, tenant: TENANT, sceneId, maxCost: null });
    const speak = (sceneId: string, text: string) =>
      workshop.run(synthesizeNarration, { ...of(sceneId), text, voice: DEFAULT_VOICE });
    [narration, unusedNarration, still] = await Promise.all([
      speak('s1', TEXTS[0]!),
      speak('s2', TEXTS[1]!),
      workshop.run(generateStill, { ...of('s1'), prompt: '山谷', aspectRatio: '9:16', canvas: CANVAS }),
    ]);
  });

  /** One scene as asked for, one that lost its narration and borrows a picture, one that has neither. */
  const inputOf = (change: Partial<LayOutFilmInput> = {}): LayOutFilmInput => ({
    spec: specOf({ durationSeconds: SECONDS, fps: FPS }),
    canvas: CANVAS,
    title: '山谷',
    language: 'zh',
    scenes: [
      scene(0, narration, { kind: 'still', asset: still.image }),
      scene(1, null, { kind: 'still', asset: still.image }),
      scene(2, null, { kind: 'title_card', text: TEXTS[2]! }),
    ],
    ...change,
  });
  const scene = (n: number, audio: NarrationAsset | null, picture: ScenePicture) => ({
    sceneId: `s${n + 1}`,
    narration: TEXTS[n]!,
    audio,
    picture,
  });

  const layOut = (input: LayOutFilmInput) => workshop.run(workshop.activities.layOutFilm, input);
  const readTimeline = async ({ timeline }: Awaited<ReturnType<typeof layOut>>) =>
    Timeline.parse(JSON.parse((await workshop.deps.assets.read(timeline)).toString('utf8')));

  describe('layOutFilm', () => {
    it('lays out exactly the time asked for, with what each scene has', async () => {
      const { tracks, durationUs, fps, canvas } = await readTimeline(await layOut(inputOf()));
      assert.deepEqual([durationUs, fps, canvas], [SECONDS * 1_000_000, FPS, CANVAS]);
      assert.deepEqual(
        tracks.pictures.map(({ sceneId, source }) => `${sceneId} ${source.kind}`),
        ['s1 still', 's2 still', 's3 title_card'],
      );
      assert.deepEqual(
        tracks.narration.map(({ sceneId, asset }) => [sceneId, asset]),
        [['s1', narration.audio]],
      );
      assert.deepEqual([...new Set(tracks.captions.map(({ sceneId }) => sceneId))], ['s1', 's2', 's3']);
      assert.equal(tracks.music.length, 1);
    });

    it('gives the same timeline for the same input', async () => {
      assert.deepEqual(await layOut(inputOf()), await layOut(inputOf()));
    });

    it('leaves out captions and music that were not asked for', async () => {
      const spec = specOf({ durationSeconds: SECONDS, fps: FPS, captions: 'none', bgm: 'none' });
      const { tracks } = await readTimeline(await layOut(inputOf({ spec })));
      assert.deepEqual([tracks.captions, tracks.music], [[], []]);
    });

    it('takes an uploaded sound as music, and fails for good when it is not there any more', async () => {
      const spec = (bgm: string) => specOf({ durationSeconds: SECONDS, fps: FPS, bgm });
      const { tracks } = await readTimeline(await layOut(inputOf({ spec: spec(narration.audio.sha256) })));
      assert.deepEqual(tracks.music[0]?.source, { kind: 'asset', asset: narration.audio });
      const { type, nonRetryable } = await workshop.failure(
        workshop.activities.layOutFilm,
        inputOf({ spec: spec('0'.repeat(64)) }),
      );
      assert.deepEqual([type, nonRetryable], ['asset_missing', true]);
    });
  });

  describe('renderVideo', () => {
    const workFolder = (id: string) => path.join(workshop.config.dataDir, 'work', id);

    it('makes the film, tells how far it is, and leaves nothing after discardWork', async () => {
      const attempt = workshop.attempt();
      const { timeline } = await layOut(inputOf());
      const { renderVideo, discardWork } = workshop.activities;
      const order: RenderVideoInput = { videoId, timeline, format: 'mp4' };
      const film = await workshop.run(renderVideo, order, attempt);

      assert.equal(film.durationSeconds, SECONDS);
      assert.deepEqual(
        [film.video.mediaType, film.cover.mediaType, film.captions?.mediaType],
        ['video/mp4', 'image/jpeg', 'application/x-subrip'],
      );
      const { video, audio } = await workshop.deps.assets.withLocalFiles([film.video], {
        work: (pathOf) => probeMedia(pathOf(film.video)),
      });
      assert.deepEqual([video?.width, video?.height, video?.frames, video?.fps], [180, 320, SECONDS * FPS, FPS]);
      assert.equal(audio?.codec, 'AAC');
      const cover = await sharp(await workshop.deps.assets.read(film.cover)).metadata();
      assert.deepEqual([cover.width, cover.height], [180, 320]);
      assert.match((await workshop.deps.assets.read(film.captions!)).toString('utf8'), /00:00:0\d,\d{3} --> /);

      const progress = RenderProgress.parse(progressOf(attempt.context));
      assert.deepEqual(progress, { doneFrames: SECONDS * FPS, totalFrames: SECONDS * FPS });

      assert.ok(existsSync(workFolder(videoId)));
      await workshop.run(discardWork, { videoId });
      assert.equal(existsSync(workFolder(videoId)), false);
      await workshop.run(discardWork, { videoId });
    });

    it('ends its ffmpeg processes when it is cancelled', async () => {
      const id = newVideoId();
      const { timeline } = await layOut(inputOf());
      const attempt = workshop.attempt();
      const input: RenderVideoInput = { videoId: id, timeline, format: 'mp4' };
      const rendering = workshop.run(workshop.activities.renderVideo, input, attempt);
      const cancelled = assert.rejects(rendering, CancelledFailure);
      await until(() => processesIn(workFolder(id)).length > 0);
      attempt.cancel();
      await cancelled;
      assert.deepEqual(processesIn(workFolder(id)), []);
    });

    it('fails for good when an asset is gone', async () => {
      const nowhere = 'f'.repeat(64);
      const asset = { ...still.image, sha256: nowhere, uri: `asset:${nowhere}` };
      const { timeline } = await layOut(inputOf({ scenes: [scene(0, narration, { kind: 'still', asset })] }));
      const input = { videoId: newVideoId(), timeline, format: 'mp4' as const };
      const { type, nonRetryable } = await workshop.failure(workshop.activities.renderVideo, input);
      assert.deepEqual([type, nonRetryable], ['asset_missing', true]);
    });
  });

  describe('encodeSegments', () => {
    const segments = (): string[] => {
      const folder = path.join(workshop.config.dataDir, 'segments');
      if (!existsSync(folder)) return [];
      return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort();
    };
    const work = (id: string) => path.join(workshop.config.dataDir, 'work', id);

    it('makes of a frozen film what its final timeline will show, and the render takes it up', async () => {
      const { freezeFilm, encodeSegments, renderVideo, discardWork } = workshop.activities;
      const id = newVideoId();
      const input = inputOf({ title: '冻结' });
      const scenes = input.scenes.map(({ sceneId, narration: text, audio }) => ({ sceneId, narration: text, audio }));
      const { film } = await workshop.run(freezeFilm, { ...input, scenes });
      const order = { ...{ videoId: id, tenant: 'streamed', film }, format: 'mp4' as const };
      const batch = (ids: string[], known: string[], doneFrames: number) => ({
        ...{ ...order, scenes: ids, doneFrames },
        pictures: input.scenes.flatMap(({ sceneId, picture }) =>
          known.includes(sceneId) ? [{ sceneId, picture }] : [],
        ),
      });
      const before = segments();
      const attempt = workshop.attempt();
      const first = await workshop.run(encodeSegments, batch(['s1'], ['s1'], 0), attempt);
      assert.equal(segments().length, before.length + 2, 'a body and the sound');
      // Not what its heartbeats said: it may be done before the first.
      const progress = RenderProgress.parse(progressOf(attempt.context));
      assert.deepEqual(progress, { doneFrames: first.frames, totalFrames: SECONDS * FPS });
      const second = await workshop.run(encodeSegments, batch(['s2'], ['s1', 's2'], first.frames));
      const ahead = segments();
      assert.equal(ahead.length, before.length + 4, 'a body and a transition');
      assert.ok(second.frames > 0 && first.frames + second.frames < SECONDS * FPS);

      const { timeline } = await layOut(input);
      await workshop.run(renderVideo, { ...order, timeline });
      assert.equal(segments().length, ahead.length + 2, 'the last scene and what leads to it');
      await workshop.run(discardWork, { videoId: id });
      const elsewhere = await workshop.run(renderVideo, { ...order, videoId: newVideoId(), timeline });
      assert.equal(segments().length, ahead.length + 2, 'another video of the same pieces is joined');
      assert.equal(elsewhere.durationSeconds, SECONDS);
      await workshop.run(encodeSegments, { ...batch(['s1'], ['s1'], 0), tenant: 'another', videoId: newVideoId() });
      assert.equal(segments().length, ahead.length + 4, 'another tenant has pieces of his own');
    });

    it('ends its ffmpeg processes when it is cancelled', async () => {
      const id = newVideoId();
      const { freezeFilm, encodeSegments } = workshop.activities;
      const input = inputOf({ spec: specOf({ durationSeconds: 40, fps: 60 }), canvas: { width: 720, height: 1280 } });
      const scenes = input.scenes.map(({ sceneId, narration: text, audio }) => ({ sceneId, narration: text, audio }));
      const { film } = await workshop.run(freezeFilm, { ...input, scenes });
      const attempt = workshop.attempt();
      const [{ sceneId, picture }] = input.scenes as [LayOutFilmInput['scenes'][number]];
      const encoding = workshop.run(
        encodeSegments,
        {
          ...{ videoId: id, tenant: TENANT, film, format: 'mp4', doneFrames: 0 },
          ...{ scenes: [sceneId], pictures: [{ sceneId, picture }] },
        },
        attempt,
      );
      const cancelled = assert.rejects(encoding, CancelledFailure);
      await until(() => existsSync(work(id)) && processesIn(work(id)).length > 0);
      attempt.cancel();
      await cancelled;
      assert.deepEqual(processesIn(work(id)), []);
    });
  });

  describe('closeLedger', () => {
    const close = async (film: LayOutFilmInput | null) => {
      const timeline = film === null ? null : (await layOut(film)).timeline;
      return workshop.run(workshop.activities.closeLedger, { tenant: TENANT, videoId, timeline });
    };
    const states = ({ cost }: Awaited<ReturnType<typeof close>>) =>
      cost?.lines.map(({ sceneId, purpose, state }) => `${sceneId} ${purpose} ${state}`).sort();

    it('tells what was bought for the film and is in it, and what is not', async () => {
      const closed = await close(inputOf());
      assert.deepEqual(states(closed), ['s1 narration bought', 's1 still bought', 's2 narration unused']);
      assert.equal(closed.sandbox, true);
      assert.notEqual(unusedNarration.audio.sha256, narration.audio.sha256);
      const total = closed.cost?.lines.reduce((sum, { price }) => sum + price, 0);
      assert.ok(Math.abs((closed.cost?.total ?? NaN) - (total ?? NaN)) < 1e-9);
    });

    it('calls everything unused when there is no film', async () => {
      assert.deepEqual(states(await close(null)), ['s1 narration unused', 's1 still unused', 's2 narration unused']);
    });
  });
});
