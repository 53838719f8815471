import type { ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { Video, VideoId } from '../../../contract/video.ts';
import { LOCAL_TENANT } from '../../../domain/ids.ts';
import { watchVideo } from '../../videos/watch-video.ts';
import { checkedArguments, defineTool } from '../tool.ts';
import { videoLinks } from '../video-links.ts';
import { nowInWords, percentOf, videoInWords } from '../video-words.ts';

/** Clients give a call a minute, if nobody has told them otherwise. */
const USUAL_SECONDS = 45;
/** Longer than this, connections are cut by somebody in between. */
const MOST_SECONDS = 300;
const SECONDS = { error: `must be a whole number of seconds from 1 to ${MOST_SECONDS}` };

const Input = z.strictObject({
  id: VideoId,
  timeout_seconds: z
    .int(SECONDS)
    .min(1, SECONDS)
    .max(MOST_SECONDS, SECONDS)
    .default(USUAL_SECONDS)
    .describe('How long to wait. When the time is up the answer is how the video stands: call again.'),
});

export const waitForVideo = defineTool({
  name: 'wait_for_video',
  title: 'Wait for a video',
  description:
    'Waits until a video has ended, and answers as get_video does. When the time is up first, `ended` is false: call it again. Tells its progress to clients that ask for it. Neither a disconnect nor giving up the wait cancels the video.',
  input: Input,
  output: z.strictObject({ ended: z.boolean().describe('False: the time was up first.'), video: Video }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },

  async call({ gateway, urlOf }, args, context) {
    const { id, timeout_seconds: seconds } = checkedArguments(Input, args);
    const timeUp = AbortSignal.timeout(seconds * 1000);
    const signal = AbortSignal.any([timeUp, context.mcpReq.signal, gateway.shutdown]);
    const tell = progressTeller(context);
    const video = await watchVideo(
      { ...gateway, tenant: LOCAL_TENANT },
      { videoId: id, urlOf },
      {
        signal,
        onLook: (seen) => (seen.finished_at === null ? tell(percentOf(seen), nowInWords(seen)) : Promise.resolve()),
      },
    );
    const ended = video.finished_at !== null;
    if (ended) await tell(100, 'Ended.');
    return { data: { ended, video }, text: videoInWords(video), links: videoLinks(video) };
  },
});

/** Progress only ever grows, as the protocol wants it; a client that did not ask is told nothing. */
function progressTeller({ mcpReq }: ServerContext): (percent: number, message: string) => Promise<void> {
  const progressToken = mcpReq._meta?.progressToken;
  let last = -1;
  return async (progress, message) => {
    if (progressToken === undefined || progress <= last) return;
    last = progress;
    const params = { progressToken, progress, total: 100, message };
    // A client that has gone does not end the wait by an error: its signal does.
    await mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  };
}
