import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
} from '@modelcontextprotocol/server';
import type { McpServer, ReadResourceResult, Variables } from '@modelcontextprotocol/server';
import type { Video } from '../../contract/video.ts';
import { LOCAL_TENANT } from '../../domain/ids.ts';
import { VOICES } from '../../domain/voice.ts';
import { ApiError } from '../api-error.ts';
import { asApiError } from '../as-api-error.ts';
import { listVideos } from '../videos/list-videos.ts';
import { viewVideo } from '../videos/view-video.ts';
import type { ToolDeps } from './tool.ts';
import { PARTS, videoUri, type Part } from './video-links.ts';

/** Captions and covers are far smaller; what is larger is no text for a model. */
const MAX_READ_BYTES = 2 * 1024 * 1024;
/** A list to choose from, not an archive: that is the tool list_videos. */
const MAX_LISTED = 20;
/** The address of an asset in the answers of this page is its name. */
const ownName = (sha256: string): string => sha256;

/** What clients may read without calling a tool: videos, and of finished ones captions and cover. */
export function registerResources(server: McpServer, deps: ToolDeps): void {
  const json = { mimeType: 'application/json' };
  const voices = { title: 'Voices', description: 'The voices that can narrate a video.', ...json };
  server.registerResource('voices', 'mcp-bridge://voices', voices, ({ href }) => inJson(href, { voices: VOICES }));
  server.registerResource(
    'video',
    new ResourceTemplate('mcp-bridge://videos/{id}', { list: () => recentVideos(deps) }),
    { title: 'Video', description: 'How a video stands, or what has come of it.', ...json },
    async ({ href }, { id }) => inJson(href, await found(href, () => view(deps, one(id), deps.urlOf))),
  );
  for (const [part, about] of Object.entries(PARTS) as [Part, (typeof PARTS)[Part]][])
    server.registerResource(
      part,
      new ResourceTemplate(`mcp-bridge://videos/{id}/${part}`, { list: undefined }),
      about,
      ({ href }, { id }) => found(href, () => readPart(deps, { href, id: one(id), part })),
    );
}

const view = ({ gateway }: ToolDeps, id: string, urlOf: (sha256: string) => string): Promise<Video> =>
  viewVideo({ ...gateway, tenant: LOCAL_TENANT }, id, urlOf);

async function recentVideos({ gateway }: ToolDeps) {
  const { videos } = await listVideos(gateway, LOCAL_TENANT, { limit: MAX_LISTED });
  return {
    resources: videos.map(({ id, status, created_at }) => ({
      ...{ uri: videoUri(id), name: id, mimeType: 'application/json' },
      description: `${status}, asked for ${created_at}`,
    })),
  };
}

async function readPart(
  deps: ToolDeps,
  { href, id, part }: { href: string; id: string; part: Part },
): Promise<ReadResourceResult> {
  const video = await view(deps, id, ownName);
  const finished = video.status === 'success' || video.status === 'partial';
  const sha256 = finished ? video[`${part}_url`] : null;
  const asset = sha256 === null ? null : await deps.gateway.store.find(sha256);
  if (asset === null || asset.sizeBytes > MAX_READ_BYTES) throw new ResourceNotFoundError(href);
  const bytes = await deps.gateway.store.read(asset);
  const { mimeType } = PARTS[part];
  const content = mimeType.startsWith('image/') ? { blob: bytes.toString('base64') } : { text: bytes.toString('utf8') };
  return { contents: [{ uri: href, mimeType, ...content }] };
}

/** Errors of the API as the protocol has them: it knows what is not there, and what is our fault. */
async function found<T>(href: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    if (error instanceof ApiError && error.code === 'VIDEO_NOT_FOUND') throw new ResourceNotFoundError(href);
    const { code, message } = asApiError(error);
    throw new ProtocolError(ProtocolErrorCode.InternalError, `${code}: ${message}`);
  }
}

const inJson = (uri: string, content: unknown): ReadResourceResult => ({
  contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(content) }],
});

const one = (value: Variables[string] | undefined): string => (Array.isArray(value) ? value.join('') : (value ?? ''));
