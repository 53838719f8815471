import type { ContentBlock } from '@modelcontextprotocol/server';
import type { Video } from '../../contract/video.ts';

/** What can be read of a video by resources/read: small, or text. The film and the draft are links to be downloaded. */
export const PARTS = {
  cover: { mimeType: 'image/jpeg', title: 'Cover', description: 'A frame of the film, with its title.' },
  captions: { mimeType: 'application/x-subrip', title: 'Captions (SRT)', description: 'What is said, and when.' },
  subtitles: { mimeType: 'text/x-ssa', title: 'Captions (ASS)', description: 'The captions as they are drawn.' },
} as const;
export type Part = keyof typeof PARTS;

export const videoUri = (id: string): string => `mcp-bridge://videos/${id}`;
const partUri = (id: string, part: Part): string => `${videoUri(id)}/${part}`;

/** The files of a finished video, as resource links; none of another. */
export function videoLinks(video: Video): ContentBlock[] {
  if (video.status !== 'success' && video.status !== 'partial') return [];
  const { id, title } = video;
  const link = (of: { uri: string; name: string; mimeType: string; title: string; description: string }) => ({
    type: 'resource_link' as const,
    ...of,
  });
  const part = (name: Part, url: string | null): ContentBlock[] =>
    url === null ? [] : [link({ uri: partUri(id, name), name: `${id}-${name}`, ...PARTS[name] })];
  const mimeType = 'video/mp4';
  const film = { uri: video.video_url, name: `${id}-film`, mimeType, title, description: 'The finished film.' };
  const draft = { name: `${id}-draft`, mimeType: 'application/zip', title: 'Draft' };
  return [
    link(film),
    ...part('cover', video.cover_url),
    ...part('captions', video.captions_url),
    ...part('subtitles', video.subtitles_url),
    ...(video.draft_url === null
      ? []
      : [link({ uri: video.draft_url, ...draft, description: 'The editable CapCut/JianYing draft, packed.' })]),
  ];
}
