import { VideoList, VideoListQuery } from '../../../contract/video.ts';
import { LOCAL_TENANT } from '../../../domain/ids.ts';
import { listVideos as list } from '../../videos/list-videos.ts';
import { checkedArguments, defineTool } from '../tool.ts';

export const listVideos = defineTool({
  name: 'list_videos',
  title: 'List videos',
  description: 'The videos, newest first, by pages: pass next_cursor of one page as cursor of the next.',
  input: VideoListQuery,
  output: VideoList,
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },

  async call({ gateway }, args) {
    const page = await list(gateway, LOCAL_TENANT, checkedArguments(VideoListQuery, args));
    const lines = page.videos.map(({ id, status, created_at }) => `${id} ${status}, asked for ${created_at}`);
    const more = page.next_cursor === null ? [] : ['There are more: pass next_cursor as cursor.'];
    return { data: page, text: [lines.length === 0 ? 'No videos.' : '', ...lines, ...more].filter(Boolean).join('\n') };
  },
});
