import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FaultRule } from '../sandbox/faults.ts';
import { seeded } from '../sandbox/seeded.ts';
import type { VideoResult } from '../src/domain/video-result.ts';
import { FolderAssetStore } from '../src/store/folder-asset-store.ts';
import { assetsOf } from '../src/timeline/assets-of.ts';
import { Timeline } from '../src/timeline/timeline.ts';
import { StackUnderTest } from '../test/e2e/stack-under-test.ts';
import { testFfmpeg } from '../test/render/films.ts';
import { encodedAt, type Piece } from './end-to-end/ideal-schedule.ts';
import { measurePiecesAlone, type PiecesAlone } from './end-to-end/pieces-alone.ts';
import type { Bench, Figure } from './figure.ts';
import { readPayload } from './payload.ts';

const WISH = { video_theme: '清晨山谷里的一杯手冲咖啡', duration: 30, resolution: '1080p' };
/** What clips take at the real provider, 40–90 s, times one factor. */
const CLIP_MS = { least: 40_000, most: 90_000, factor: 1 };
const MOST_CLIPS = 12;
const FILM_WITHIN_MS = 900_000;

const REGIMES = {
  stills: { asset: 'text_to_image', faults: [] },
  clips: { asset: 'text_to_video', faults: clipDelays() },
} as const satisfies Record<string, { asset: string; faults: FaultRule[] }>;
type Regime = keyof typeof REGIMES;

const metricsOf = (regime: Regime): Figure['metrics'] => [
  {
    name: `end_to_end_${regime}`,
    about: `A film of ${regime}: from the request to its end ÷ the ideal schedule.`,
    ...{ unit: 'ratio', target: { atMost: 1.1 } },
  },
  { name: `tail_${regime}`, about: 'From the last asset to the end.', unit: 's', target: null },
  { name: `encode_${regime}`, about: 'All segments, each alone, together.', unit: 's', target: null },
];

/** The whole product against the best that its providers' times and its own encoder allow. */
export const endToEnd: Figure = {
  name: 'end-to-end',
  about: 'A 30-s 1080p film, real delays, against an ideal schedule of the same assets and encodings.',
  metrics: [...metricsOf('stills'), ...metricsOf('clips')],
  measure: async (bench) => {
    for (const regime of Object.keys(REGIMES) as Regime[]) {
      if (metricsOf(regime).some(({ name }) => bench.wants(name))) await measureRegime(bench, regime);
    }
  },
};

async function measureRegime(bench: Bench, regime: Regime): Promise<void> {
  const { asset, faults } = REGIMES[regime];
  const under = await StackUnderTest.start({ SANDBOX_DELAY_SCALE: '1' });
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-bridge-bench-'));
  try {
    await under.sandbox.reset(faults);
    const film = await makeFilm(under, asset);
    bench.note(`${regime}: ${film.timeline.tracks.pictures.length} scenes, ${film.seconds.toFixed(1)} s`);
    const { timeline } = film;
    const ffmpeg = await testFfmpeg();
    const alone = await storeOf(under).withLocalFiles(assetsOf(timeline), {
      signal: bench.signal,
      work: (assetPath) => measurePiecesAlone({ timeline, assetPath, workDir: folder, ffmpeg, signal: bench.signal }),
    });
    const ideal = idealSeconds(film, alone);
    const encode = alone.segments.reduce((sum, { seconds }) => sum + seconds, 0);
    const lastAsset = Math.max(film.narratedAt, ...film.picturedAt.values());
    bench.note(
      `${regime}: ideal ${ideal.toFixed(1)} s; last asset after ${lastAsset.toFixed(1)} s; alone: segments ${encode.toFixed(1)} s, sound ${alone.sound.toFixed(1)} s, finish ${alone.finish.toFixed(1)} s`,
    );
    bench.record(`end_to_end_${regime}`, [film.seconds / ideal]);
    bench.record(`tail_${regime}`, [film.seconds - lastAsset]);
    bench.record(`encode_${regime}`, [encode]);
  } finally {
    await under.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Film {
  timeline: Timeline;
  /** All times are seconds from the request. */
  seconds: number;
  /** The last narration's arrival: no scene's length is final before. */
  narratedAt: number;
  /** Each scene's picture's. */
  picturedAt: Map<string, number>;
}

function idealSeconds({ narratedAt, picturedAt }: Film, { segments, sound, finish }: PiecesAlone): number {
  const pieces = segments.map(({ sceneIds, seconds }): Piece => {
    return { seconds, readyAt: Math.max(narratedAt, ...sceneIds.map((id) => picturedAt.get(id) ?? 0)) };
  });
  return encodedAt(pieces) + sound + finish;
}

async function makeFilm(under: StackUnderTest, assetType: string): Promise<Film> {
  const startedAt = Date.now();
  const id = await under.order({ ...WISH, ai_asset_type: assetType });
  const { status } = await under.finished(id, FILM_WITHIN_MS);
  const seconds = (Date.now() - startedAt) / 1000;
  if (status !== 'success') throw new Error(`The film is ${status}: its time says nothing.`);
  const result = (await under.client.workflow.getHandle(`video-${id}`).result()) as VideoResult;
  const timeline = Timeline.parse(JSON.parse((await storeOf(under).read(result.timeline)).toString()));
  const { lines } = await under.sandbox.ledger();
  const since = (at: string) => (Date.parse(at) - startedAt) / 1000;
  const narrated = lines.filter(({ kind }) => kind === 'speech').map(({ answeredAt }) => since(answeredAt));
  const picturedAt = new Map<string, number>();
  for (const [sceneId, prompt] of await promptsOf(under, id)) {
    const line = lines.find(({ prompt_sha256: sha }) => sha === createHash('sha256').update(prompt).digest('hex'));
    if (line === undefined) throw new Error(`The provider's ledger has no picture of scene ${sceneId}.`);
    picturedAt.set(sceneId, since(line.answeredAt));
  }
  return { timeline, seconds, narratedAt: Math.max(...narrated), picturedAt };
}

/** What was asked for, by scene: the ledger knows calls by their words alone. */
async function promptsOf(under: StackUnderTest, id: string): Promise<Map<string, string>> {
  const { events } = await under.client.workflow.getHandle(`video-${id}/visual/1`).fetchHistory();
  const orders = (events ?? []).flatMap((event) => {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (!['generateStill', 'startClip'].includes(scheduled?.activityType?.name ?? '')) return [];
    const { sceneId, prompt } = readPayload<Record<'sceneId' | 'prompt', string>>(scheduled?.input?.payloads?.[0]);
    return [[sceneId, prompt] as const];
  });
  return new Map(orders);
}

const storeOf = ({ dataDir }: StackUnderTest): FolderAssetStore => new FolderAssetStore(path.join(dataDir, 'assets'));

function clipDelays(): FaultRule[] {
  const { least, most, factor } = CLIP_MS;
  return Array.from({ length: MOST_CLIPS }, (_, index): FaultRule => {
    const runningMs = Math.round(seeded(1, 'clip', index).between(least, most) * factor);
    return { route: 'video', nth: index + 1, fault: { task: { queuedMs: 0, runningMs } } };
  });
}
