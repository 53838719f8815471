import { z } from 'zod';
import { STATUS_WORDS } from '../../../contract/status-words.ts';
import { CancelledVideo, VideoId } from '../../../contract/video.ts';
import { LOCAL_TENANT } from '../../../domain/ids.ts';
import { stopVideo } from '../../videos/stop-video.ts';
import { checkedArguments, defineTool } from '../tool.ts';

const Input = z.strictObject({ id: VideoId });

export const cancelVideo = defineTool({
  name: 'cancel_video',
  title: 'Cancel a video',
  description:
    'Ends a video that is under way; what was paid for is kept in its account. Calling it twice changes nothing. A video that has ended cannot be cancelled.',
  input: Input,
  output: CancelledVideo,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },

  async call({ gateway }, args) {
    const { id } = checkedArguments(Input, args);
    const { status } = await stopVideo({ ...gateway, tenant: LOCAL_TENANT }, id);
    return { data: { id, status }, text: `${id}: ${STATUS_WORDS[status]}` };
  },
});
