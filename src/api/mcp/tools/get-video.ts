import { z } from 'zod';
import { Video, VideoId } from '../../../contract/video.ts';
import { LOCAL_TENANT } from '../../../domain/ids.ts';
import { viewVideo } from '../../videos/view-video.ts';
import { checkedArguments, defineTool } from '../tool.ts';
import { videoLinks } from '../video-links.ts';
import { videoInWords } from '../video-words.ts';

const Input = z.strictObject({ id: VideoId });

export const getVideo = defineTool({
  name: 'get_video',
  title: 'How a video stands',
  description:
    'How a video stands now: its progress, or what has come of it with links to film, cover, captions and draft, what was degraded, and what it has cost.',
  input: Input,
  output: z.strictObject({ video: Video }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },

  async call({ gateway, urlOf }, args) {
    const { id } = checkedArguments(Input, args);
    const video = await viewVideo({ ...gateway, tenant: LOCAL_TENANT }, id, urlOf);
    return { data: { video }, text: videoInWords(video), links: videoLinks(video) };
  },
});
