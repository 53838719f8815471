import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { runOptions } from '../../src/api/videos/start-video.ts';
import type { GenerateVideoInput } from '../../src/domain/generate-video.ts';
import { newVideoId } from '../../src/api/videos/video-id.ts';
import { workflowIdOf } from '../../src/domain/ids.ts';
import { StackUnderTest } from '../../test/e2e/stack-under-test.ts';
import { testFfmpeg } from '../../test/render/films.ts';
import type { BareFilm } from '../bare/workflows.ts';
import { BARE_QUEUE } from '../bare/worker.ts';
import { startedWith } from '../payload.ts';
import { ReplayingProvider } from './replaying-provider.ts';

/** A 30-s film of stills, which is what most ask for. */
export const WISH = { video_theme: '清晨山谷里的一杯手冲咖啡', duration: 30, resolution: '1080p' };
const OUR_QUEUES = 'orchestration,audio_processing,visual_processing,visual_waiting';

/** The product's own programs on providers that answer at once, with render and draft stubbed, and the bare app beside it. */
export class InstantProduct {
  readonly provider: ReplayingProvider;
  readonly under: StackUnderTest;
  /** What the product does for the film. */
  readonly input: GenerateVideoInput;
  readonly scenes: number;
  readonly #stops: (() => Promise<void>)[];

  private constructor(
    parts: Pick<InstantProduct, 'provider' | 'under' | 'input' | 'scenes'>,
    stops: (() => Promise<void>)[],
  ) {
    this.provider = parts.provider;
    this.under = parts.under;
    this.input = parts.input;
    this.scenes = parts.scenes;
    this.#stops = stops;
  }

  static async start(): Promise<InstantProduct> {
    const stops: (() => Promise<void>)[] = [];
    const stopAll = () => inReverse(stops);
    try {
      const provider = await ReplayingProvider.start(await testFfmpeg());
      stops.push(() => provider.stop());
      const under = await StackUnderTest.start({
        ...{ WORKER_QUEUES: OUR_QUEUES, MCP_BRIDGE_SANDBOX: 'true', LOG_LEVEL: 'error' },
        ...{ ARK_API_KEY: 'bench', ARK_BASE_URL: `${provider.url}/api/v3`, ARK_VIDEO_MODEL: '' },
        ...{ SPEECH_API_KEY: 'bench', SPEECH_BASE_URL: provider.url },
      });
      stops.push(() => under.stop());
      const { temporal } = under.stack.urls;
      stops.push(await startProgram('stub-worker.ts', temporal), await startProgram('../bare/worker.ts', temporal));
      const videoId = await under.order(WISH);
      const film = await under.ended(videoId);
      if (film.status !== 'success')
        throw new Error(`The film to be replayed has not come out well: ${JSON.stringify(film)}`);
      await provider.replayOnly();
      const { input, scenes } = await inputOf(under, videoId);
      return new InstantProduct({ provider, under, input, scenes }, stops);
    } catch (error) {
      await stopAll();
      throw error;
    }
  }

  stop = (): Promise<void> => inReverse(this.#stops);

  /** One run of the product's graph, started as the gateway starts it. */
  runOurs = async (): Promise<void> => {
    const videoId = newVideoId();
    const { tenant, spec } = this.input;
    const options = runOptions({ videoId, tenant, spec, memo: { bodyHash: 'bench', requestId: randomUUID() } });
    await this.under.client.workflow.execute('generateVideo', { ...options, args: [{ ...this.input, videoId }] });
  };

  runBare = async (): Promise<void> => {
    const film: BareFilm = { scenes: this.scenes };
    await this.under.client.workflow.execute('bareVideo', {
      ...{ taskQueue: BARE_QUEUE, workflowId: `bare-${randomUUID()}`, args: [film] },
    });
  };
}

async function inReverse(stops: readonly (() => Promise<void>)[]): Promise<void> {
  for (const stop of [...stops].reverse()) await stop();
}

async function startProgram(file: string, address: string): Promise<() => Promise<void>> {
  const program = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, address], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const ready = (async () => {
    for await (const line of createInterface({ input: child.stdout })) if (line === 'ready') return;
    throw new Error(`${file} ended before it was ready.`);
  })();
  await ready;
  child.stdout.resume();
  return async () => {
    child.kill('SIGTERM');
    await exited;
  };
}

/** What the run was started with, and how many scenes it has made. */
async function inputOf(under: StackUnderTest, videoId: string): Promise<{ input: GenerateVideoInput; scenes: number }> {
  const input = await startedWith(under.client, videoId);
  const visual = await under.client.workflow.getHandle(`${workflowIdOf(videoId)}/visual/1`).fetchHistory();
  const scenes = (visual.events ?? []).filter((event) => event.activityTaskScheduledEventAttributes != null).length;
  return { input, scenes };
}
