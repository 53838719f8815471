import type { RequestHandler } from 'express';
import { openApiDocument } from '../openapi.ts';
import { docsPage } from './docs-page.ts';

/** GET /openapi.json */
export function getOpenApi(): RequestHandler {
  const text = JSON.stringify(openApiDocument());
  return (_req, res) => {
    res.type('application/json').send(text);
  };
}

/** GET /docs */
export function getDocs(): RequestHandler {
  const html = docsPage(openApiDocument());
  return (_req, res) => {
    res.type('html').send(html);
  };
}
