import { z } from 'zod';
import { AcceptedVideo } from '../../../contract/video.ts';
import { IdempotencyKey } from '../../../contract/idempotency-key.ts';
import { STATUS_WORDS } from '../../../contract/status-words.ts';
import { VideoRequest } from '../../../contract/video-request.ts';
import { LOCAL_TENANT } from '../../../domain/ids.ts';
import { readWish } from '../../videos/read-wish.ts';
import { startVideo } from '../../videos/start-video.ts';
import { checkedArguments, defineTool } from '../tool.ts';

const Key = z.object({
  idempotency_key: IdempotencyKey.optional().describe(
    'The same key with the same arguments is the same video, so that calling again after a lost answer makes no second one.',
  ),
});

const { id, status, stage } = AcceptedVideo.shape;

export const generateVideo = defineTool({
  name: 'generate_video',
  title: 'Make a video',
  description:
    'Starts making a finished short video with narration, captions and music from one line of theme, and answers at once with its id. It takes from under a minute (stills) to many minutes (clips) and costs money: estimate_cost tells how much. Then call wait_for_video. The video is made even when this conversation ends.',
  input: VideoRequest.safeExtend(Key.shape),
  output: z.strictObject({
    id,
    status,
    stage,
    replayed: z.boolean().describe('An earlier call with the same idempotency_key had started it.'),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },

  async call({ gateway }, { idempotency_key, ...wish }) {
    const key = checkedArguments(Key, { idempotency_key }).idempotency_key ?? null;
    const order = await readWish(gateway, wish);
    const started = await startVideo(gateway, { tenant: LOCAL_TENANT, ...order, idempotencyKey: key });
    const { videoId, replayed } = started;
    const next = `Call wait_for_video with id ${videoId} to wait for its end.`;
    return {
      data: { id: videoId, status: started.status, stage: started.stage, replayed },
      text: `${STATUS_WORDS[started.status]} ${next}`,
    };
  },
});
