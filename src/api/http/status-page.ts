import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RequestHandler } from 'express';
import type { Config } from '../../config.ts';
import { ApiError } from '../api-error.ts';

/** The page and what belongs to it, as the build leaves them in dist/status-page. */
const FILES = {
  '/': { name: 'index.html', type: 'text/html' },
  '/ui/page.js': { name: 'page.js', type: 'text/javascript' },
  '/ui/page.css': { name: 'page.css', type: 'text/css' },
  '/ui/icon.svg': { name: 'icon.svg', type: 'image/svg+xml' },
} as const;

/** GET / and what the page loads: the videos, live, for people. */
export function statusPageRoutes({ config }: { config: Config }): Record<string, { get: RequestHandler<never> }> {
  const policy = contentPolicy(config);
  return Object.fromEntries(
    Object.entries(FILES).map(([at, { name, type }]) => {
      let content: Promise<Buffer> | null = null;
      const get: RequestHandler<never> = async (_req, res) => {
        content ??= readFile(path.join(config.projectDir, 'dist/status-page', name)).catch(notBuilt);
        res
          .set('Content-Security-Policy', policy)
          .type(type)
          .send(await content);
      };
      return [at, { get }];
    }),
  );
}

function notBuilt(): never {
  throw new ApiError('ROUTE_NOT_FOUND', 'The status page is not there: `npm run build` makes it.');
}

/** Nothing but the page's own files, the API beside it, and, where downloads are redirected, the store they go to. */
function contentPolicy({ redirectDownloads, s3 }: Config): string {
  const store = redirectDownloads && s3 !== null ? (s3.publicEndpoint ?? s3.endpoint) : null;
  const assets = ["'self'", ...(store === null ? [] : [new URL(store).origin])].join(' ');
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    `img-src ${assets}`,
    `media-src ${assets}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}
