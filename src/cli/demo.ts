import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, loadConfig } from '../config.ts';
import { STATUS_WORDS } from '../contract/status-words.ts';
import type { Video } from '../contract/video.ts';
import { workflowIdOf } from '../domain/ids.ts';
import { usesSandbox } from '../stack/programs.ts';
import { type Stack, type StackOptions, startStack } from '../stack/stack.ts';
import { type DemoWishes, demoRequest } from './demo-request.ts';
import { endStack } from './end-stack.ts';
import { costInWords, filmInWords, savedInWords, saveFilm } from './film-files.ts';
import { cancelVideo, orderVideo, viewVideo } from './gateway-client.ts';
import { aborted, Interrupted, type Interruption, listenForInterruption } from './interruption.ts';
import { createScreen, type Screen } from './screen.ts';
import { eventInWords, SANDBOX_NOTICE, urlsInWords } from './stack-words.ts';

const POLL_MS = 500;
const CANCEL_MS = 12_000; // a run ends within 10 s of being cancelled

export interface DemoOptions extends DemoWishes {
  out: string;
  keep?: boolean;
}

interface Demo {
  stack: Stack;
  screen: Screen;
  interruption: Interruption;
  options: DemoOptions;
  request: Record<string, unknown>;
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
      return await makeFilm({ stack, screen, interruption, options, request });
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
  const { stack, screen, interruption, options, request } = demo;
  const { id } = await orderVideo(stack.urls.gateway, request, interruption.first);
  screen.say(`Video ${id}: ${String(request['video_theme'])}`);
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
async function follow({ stack, screen, interruption }: Demo, id: string): Promise<Video> {
  try {
    for (;;) {
      const video = await viewVideo(stack.urls.gateway, id, interruption.first);
      screen.show(video);
      if (hasEnded(video)) return video;
      await sleep(POLL_MS, undefined, { signal: interruption.first });
    }
  } catch (error) {
    if (!interruption.first.aborted) throw error;
    screen.finish();
    await cancel({ stack, screen, interruption }, id);
    throw interruption.first.reason;
  }
}

async function cancel(
  { stack, screen, interruption }: Pick<Demo, 'stack' | 'screen' | 'interruption'>,
  id: string,
): Promise<void> {
  screen.say('Cancelling the video; Ctrl-C again ends everything at once.');
  const enough = AbortSignal.any([interruption.second, AbortSignal.timeout(CANCEL_MS)]);
  try {
    await cancelVideo(stack.urls.gateway, id);
    for (;;) {
      const video = await viewVideo(stack.urls.gateway, id, enough);
      if (hasEnded(video)) return screen.say([STATUS_WORDS[video.status], ...costSoFar(video, stack)].join('\n'));
      await sleep(POLL_MS, undefined, { signal: enough });
    }
  } catch {
    screen.say('The video did not confirm its cancellation; it ends with the stack.');
  }
}

/** What a video that was stopped has cost until then. */
function costSoFar(video: Video, { urls }: Stack): string[] {
  if (video.status !== 'cancelled' && video.status !== 'terminated') return [];
  return [costInWords({ cost: video.cost, sandbox: urls.sandbox !== null })];
}

async function tell({ screen, options, request }: Demo, video: Video): Promise<number> {
  if (video.status === 'success' || video.status === 'partial') {
    const files = await saveFilm(video, options.out, request['format'] === 'webm' ? 'webm' : 'mp4');
    screen.say([...filmInWords(video), savedInWords(files, options.out)].join('\n'));
    return 0;
  }
  screen.say(
    video.status === 'failed' ? `Failed: ${video.error.message} (${video.error.code})` : STATUS_WORDS[video.status],
  );
  return 1;
}

function hasEnded(video: Video): boolean {
  return video.status !== 'queued' && video.status !== 'running' && video.status !== 'cancelling';
}

function runUrl({ urls, env }: Stack, id: string): string {
  return `${urls.temporalUi}/namespaces/${env['TEMPORAL_NAMESPACE'] ?? 'default'}/workflows/${workflowIdOf(id)}`;
}
