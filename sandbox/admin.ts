import express, { type Router } from 'express';
import { z } from 'zod';

import { InvalidFaultScript, VIAS, type Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import type { Sockets } from './sockets.ts';

/** For tests and operators; no part of any cloud's wire. */
export function adminRoutes({ ledger, faults, sockets }: { ledger: Ledger; faults: Faults; sockets: Sockets }): Router {
  const router = express.Router();
  router.get('/health', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/ledger', (_request, response) => {
    response.json(ledger.report());
  });
  router.delete('/ledger', (_request, response) => {
    ledger.clear();
    response.status(204).end();
  });
  router.get('/sockets', (_request, response) => {
    response.json(sockets.report());
  });
  router.get('/faults', (_request, response) => {
    response.json({ rules: faults.report() });
  });
  router.put('/faults', express.text({ type: () => true, limit: '4mb' }), (request, response) => {
    const problem = replaceFaults(faults, typeof request.body === 'string' ? request.body : '');
    if (problem === undefined) response.json({ rules: faults.report() });
    else response.status(400).json({ error: problem });
  });
  router.delete('/delays', (_request, response) => {
    faults.release();
    response.status(204).end();
  });
  router.post('/faults/next', express.text({ type: () => true, limit: '80mb' }), (request, response) => {
    const asked = NextFault.safeParse(JSON.parse(String(request.body)));
    if (!asked.success) response.status(400).json({ error: z.prettifyError(asked.error) });
    else response.json({ fault: faults.next(asked.data.route, asked.data) ?? null });
  });
  return router;
}

/** What a program of the sandbox that is a process of its own asks. */
const NextFault = z.object({ route: z.literal('mcp'), text: z.string(), via: z.enum(VIAS) });

function replaceFaults(faults: Faults, text: string): string | undefined {
  try {
    faults.replace(JSON.parse(text));
    return undefined;
  } catch (error) {
    if (error instanceof InvalidFaultScript) return error.message;
    if (error instanceof SyntaxError) return `not JSON: ${error.message}`;
    throw error;
  }
}
