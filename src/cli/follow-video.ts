import { ConflictError, hasEnded, type McpBridgeClient, type Video } from '../client/index.ts';
import { STATUS_WORDS } from '../contract/status-words.ts';
import { DONE, FAILED, LOSSES, VIDEO_FAILED, VIDEO_STOPPED } from './exit-codes.ts';
import { filmInWords, type FinishedVideo, savedInWords, saveFilm } from './film-files.ts';
import { type GatewayOptions, tell } from './gateway.ts';
import { Interrupted, type Interruption } from './interruption.ts';
import { createScreen, type Screen } from './screen.ts';

const POLL_MS = 1_000;
const CANCEL_MS = 12_000; // a run ends within 10 s of being cancelled

export interface FollowOptions extends GatewayOptions {
  /** A folder the film is saved in. */
  out?: string;
  /** Ctrl-C cancels the video, too. */
  cancelOnInterrupt?: boolean;
}

/** Nothing is shown to a script. */
const SILENT: Screen = { say: () => {}, show: () => {}, finish: () => {} };

/** Shows a video's making until it has ended, and tells how it did. Resolves to the exit code. */
export async function followVideo(
  client: McpBridgeClient,
  id: string,
  {
    options,
    interruption,
    everyView = false,
  }: { options: FollowOptions; interruption: Interruption; everyView?: boolean },
): Promise<number> {
  const { json = false } = options;
  const screen = json ? SILENT : createScreen();
  screen.say(`Video ${id}`);
  let last: Video | null = null;
  try {
    for await (const video of client.watchVideo(id, { signal: interruption.first, pollMs: POLL_MS })) {
      screen.show(video);
      if (json && everyView && !hasEnded(video)) tell(video, [], { json });
      last = video;
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    screen.finish();
    await leave(client, id, { options, interruption });
    return error.exitCode;
  }
  screen.finish();
  return last === null ? FAILED : await tellEnd(client, last, options);
}

/** Ctrl-C ends the watching; the video is the gateway's. */
async function leave(
  client: McpBridgeClient,
  id: string,
  { options, interruption }: { options: FollowOptions; interruption: Interruption },
): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  if (options.cancelOnInterrupt !== true) {
    say(`The video goes on. mcp-bridge watch ${id} shows it again, mcp-bridge cancel ${id} cancels it.`);
    return;
  }
  say(`Cancelling ${id}; Ctrl-C again leaves at once.`);
  const enough = AbortSignal.any([interruption.second, AbortSignal.timeout(CANCEL_MS)]);
  try {
    await client.cancelVideo(id, { signal: enough });
    for await (const video of client.watchVideo(id, { signal: enough, pollMs: POLL_MS }))
      if (hasEnded(video)) say(STATUS_WORDS[video.status]);
  } catch (error) {
    say(error instanceof ConflictError ? 'It had ended before.' : 'It has not confirmed its cancellation.');
  }
}

/** How a video has ended: what it is, where it is, and the exit code that says the same. */
export async function tellEnd(
  client: McpBridgeClient,
  video: Video,
  { json, out }: Pick<FollowOptions, 'json' | 'out'>,
): Promise<number> {
  switch (video.status) {
    case 'success':
    case 'partial': {
      const files = out === undefined ? null : await saveFilm(client, video, out);
      tell(files === null ? video : { ...video, files }, [...filmInWords(video), ...whereItIs(video)], { json });
      if (files !== null && out !== undefined && json !== true) process.stdout.write(`${savedInWords(files, out)}\n`);
      return video.status === 'success' ? DONE : LOSSES;
    }
    case 'failed':
      tell(video, [`Failed: ${video.error.message} (${video.error.code})`], { json });
      return VIDEO_FAILED;
    case 'cancelled':
    case 'terminated':
      tell(video, [STATUS_WORDS[video.status]], { json });
      return VIDEO_STOPPED;
    default:
      tell(video, [STATUS_WORDS[video.status]], { json });
      return DONE;
  }
}

const whereItIs = ({ video_url: film, draft_url: draft }: FinishedVideo): string[] => [
  `Film:  ${film}`,
  ...(draft === null ? [] : [`Draft: ${draft}`]),
];
