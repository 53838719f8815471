import { rm } from 'node:fs/promises';
import path from 'node:path';
import { ConflictError, McpBridgeClient, type Video, type VideoParams } from '../client/index.ts';
import { type Config, loadConfig } from '../config.ts';
import { STATUS_WORDS } from '../contract/status-words.ts';
import { workflowIdOf } from '../domain/ids.ts';
import { usesSandbox } from '../stack/programs.ts';
import { type Stack, type StackOptions, startStack } from '../stack/stack.ts';
import { demoRequest } from './demo-request.ts';
import type { FilmWishes } from './film-request.ts';
import { endStack } from './end-stack.ts';
import { costInWords, filmInWords, savedInWords, saveFilm } from './film-files.ts';
import { aborted, Interrupted, type Interruption, listenForInterruption } from './interruption.ts';
import { createScreen, type Screen } from './screen.ts';
import { eventInWords, SANDBOX_NOTICE, urlsInWords } from './stack-words.ts';

const POLL_MS = 500;
/** The stack starts again what dies: that is waited for. */
const PATIENCE_MS = 60_000;
const CANCEL_MS = 12_000; // a run ends within 10 s of being cancelled

export interface DemoOptions extends FilmWishes {
  out: string;
  keep?: boolean;
}

interface Demo {
  stack: Stack;
  client: McpBridgeClient;
  screen: Screen;
  interruption: Interruption;
  options: DemoOptions;
  request: VideoParams;
}

/** One theme, one film: starts a stack of its own, orders the film over HTTP, shows its making, saves it. Resolves to the exit code. */
export async function demo(base: Config, options: DemoOptions, programs?: StackOptions['programs']): Promise<number> {
  const request = demoRequest(options);
  const dataDir = path.join(
    base.dataDir,
    `demo-${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}-${process.pid}`,
  );
  const config = loadConfig({ ...base.environment, DATA_DIR: dataDir });
  const screen = createScreen();
  const interruption = listenForInterruption();
  if (usesSandbox(config)) screen.say(SANDBOX_NOTICE);
  try {
    const stack = await startStack({
      config,
      movePorts: true,
      ...(programs === undefined ? {} : { programs }),
      onEvent: (event) => screen.say(eventInWords(event)),
      signal: interruption.first,
    });
    try {
      const client = new McpBridgeClient({ baseUrl: stack.urls.gateway, patienceMs: PATIENCE_MS });
      return await makeFilm({ stack, client, screen, interruption, options, request });
    } finally {
      screen.finish();
      await endStack(stack, { interruption, discard: options.keep !== true });
    }
  } catch (error) {
    if (error instanceof Interrupted) return error.exitCode;
    throw error;
  } finally {
    interruption.done();
    if (options.keep !== true) await rm(dataDir, { recursive: true, force: true });
  }
}

async function makeFilm(demo: Demo): Promise<number> {
  const { stack, client, screen, interruption, options, request } = demo;
  const { id } = await client.startVideo(request, { signal: interruption.first });
  screen.say(`Video ${id}: ${request.video_theme}`);
  screen.say(`In the Temporal Web UI: ${runUrl(stack, id)}`);
  const video = await follow(demo, id);
  screen.finish();
  const code = await tell(demo, video);
  if (options.keep === true) {
    screen.say(['The stack stays up; Ctrl-C ends it.', ...urlsInWords(stack)].join('\n'));
    await aborted(interruption.first);
  }
  return code;
}

/** Shows the video's making until it has ended. A Ctrl-C meanwhile cancels it. */
async function follow({ stack, client, screen, interruption }: Demo, id: string): Promise<Video> {
  try {
    return await shown(client.watchVideo(id, { signal: interruption.first, pollMs: POLL_MS }), screen);
  } catch (error) {
    if (!interruption.first.aborted) throw error;
    screen.finish();
    await cancel({ stack, client, screen, interruption }, id);
    throw interruption.first.reason;
  }
}

async function shown(views: AsyncIterable<Video>, screen: Pick<Screen, 'show'>): Promise<Video> {
  let last: Video | undefined;
  for await (const video of views) screen.show((last = video));
  return last as Video;
}

async function cancel(
  { stack, client, screen, interruption }: Pick<Demo, 'stack' | 'client' | 'screen' | 'interruption'>,
  id: string,
): Promise<void> {
  screen.say('Cancelling the video; Ctrl-C again ends everything at once.');
  const enough = AbortSignal.any([interruption.second, AbortSignal.timeout(CANCEL_MS)]);
  try {
    await client.cancelVideo(id, { signal: enough }).catch(unlessEnded);
    const video = await shown(client.watchVideo(id, { signal: enough, pollMs: POLL_MS }), { show: () => {} });
    screen.say([STATUS_WORDS[video.status], ...costSoFar(video, stack)].join('\n'));
  } catch {
    screen.say('The video did not confirm its cancellation; it ends with the stack.');
  }
}

/** One that has ended already is not to be cancelled, which is as good. */
function unlessEnded(error: unknown): void {
  if (!(error instanceof ConflictError)) throw error;
}

/** What a video that was stopped has cost until then. */
function costSoFar(video: Video, { urls }: Stack): string[] {
  if (video.status !== 'cancelled' && video.status !== 'terminated') return [];
  return [costInWords({ cost: video.cost, sandbox: urls.sandbox !== null })];
}

async function tell({ client, screen, options }: Demo, video: Video): Promise<number> {
  if (video.status === 'success' || video.status === 'partial') {
    const files = await saveFilm(client, video, options.out);
    screen.say([...filmInWords(video), savedInWords(files, options.out)].join('\n'));
    return 0;
  }
  screen.say(
    video.status === 'failed' ? `Failed: ${video.error.message} (${video.error.code})` : STATUS_WORDS[video.status],
  );
  return 1;
}

function runUrl({ urls, env }: Stack, id: string): string {
  return `${urls.temporalUi}/namespaces/${env['TEMPORAL_NAMESPACE'] ?? 'default'}/workflows/${workflowIdOf(id)}`;
}
