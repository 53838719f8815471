import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { RequestHandler } from 'express';
import type { Config } from '../../config.ts';
import { ApiError } from '../api-error.ts';
import { openApiDocument } from '../openapi.ts';
import { baseUrl } from './context.ts';
import { docsMarkdown } from './docs-markdown.ts';

/** GET /openapi.json. It names this gateway as its reader reached it: tools such as Dify take no document without a server. */
export function getOpenApi({ config }: { config: Pick<Config, 'publicUrl'> }): RequestHandler {
  const document = openApiDocument();
  return (req, res) => {
    res.json({ ...document, servers: [{ url: baseUrl(req, config.publicUrl) }] });
  };
}

/** GET /docs.md */
export function getDocsMarkdown(): RequestHandler {
  const text = docsMarkdown(openApiDocument());
  return (_req, res) => {
    res.type('text/markdown').send(text);
  };
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>API · mcp-bridge</title>
<link rel="icon" href="/ui/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="page"><noscript>Without scripts: <a href="/docs.md">the same as text</a>.</noscript></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
`;

/** A file of its own, since the gateway's pages run no scripts that stand in them. No validator is asked: nothing leaves here. */
const START = `document.documentElement.classList.toggle('dark-mode', matchMedia('(prefers-color-scheme: dark)').matches);
SwaggerUIBundle({ url: '/openapi.json', dom_id: '#page', deepLinking: true, validatorUrl: null });
`;

/** GET /docs: Swagger UI on this gateway's own document. */
export function getDocs(): RequestHandler {
  return (_req, res) => {
    res.type('html').send(PAGE);
  };
}

const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css' };
const FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'start.js'] as const;

/** GET /docs/:file: what the page is made of; from the package, nothing from elsewhere. */
export function getDocsFile(): RequestHandler<{ file: string }> {
  const folder = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const contents = new Map<string, Buffer>();
  const read = (file: string): Buffer =>
    file === 'start.js' ? Buffer.from(START) : readFileSync(path.join(folder, file));
  return (req, res) => {
    const file = FILES.find((name) => name === req.params.file);
    if (file === undefined) throw new ApiError('ROUTE_NOT_FOUND', 'The page at /docs has no such file.');
    const content = contents.get(file) ?? read(file);
    contents.set(file, content);
    // Of the package's version: an hour is short enough after an update.
    res.set({ 'Content-Type': TYPES[path.extname(file)], 'Cache-Control': 'public, max-age=3600' }).send(content);
  };
}
