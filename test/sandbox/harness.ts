import { after, before } from 'node:test';

import type { FaultRule } from '../../sandbox/faults.ts';
import type { Arrival, LedgerLine } from '../../sandbox/ledger.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/server.ts';

export const CHAT_MODEL = 'doubao-seed-2-0-lite-260428';
export const IMAGE_MODEL = 'doubao-seedream-4-0-250828';
export const EMBEDDING_MODEL = 'doubao-embedding-large-text-250515';
export const VISION_EMBEDDING_MODEL = 'doubao-embedding-vision-250615';
export const VOICE = 'zh_male_dongfanghaoran_moon_bigtts';
export const VOICE_2 = 'zh_female_vv_uranus_bigtts';

/** For tests of what is done with pictures and voices, not of how the sandbox makes them: one run makes each once. */
export const KEPT_MEDIA: SandboxOptions = { mediaPath: process.env['SANDBOX_MEDIA'] };

/** One sandbox for a test file, started before and closed after its tests. */
export function useSandbox(options: SandboxOptions = {}): Client {
  const client = new Client();
  let sandbox: Sandbox | undefined;
  before(async () => {
    sandbox = await startSandbox({ delayScale: 0.002, ...options });
    client.url = sandbox.url;
  });
  after(() => sandbox?.close());
  return client;
}

export interface ArkError {
  error: { code: string; message: string; param: string; type: string };
}

export class Client {
  url = '';

  post(path: string, body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      headers: { authorization: 'Bearer a-key', 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
  }

  chat(content: string, more: object = {}, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response> {
    const body = { model: CHAT_MODEL, messages: [{ role: 'user', content }], thinking: { type: 'disabled' }, ...more };
    return this.post('/api/v3/chat/completions', body, headers, signal);
  }

  image(prompt: string, more: object = {}, headers?: Record<string, string>): Promise<Response> {
    const body = { model: IMAGE_MODEL, prompt, size: '720x1280', watermark: false, ...more };
    return this.post('/api/v3/images/generations', body, headers);
  }

  async imageBytes(prompt: string, more: object = {}): Promise<Buffer> {
    const response = await this.image(prompt, { response_format: 'b64_json', ...more });
    const { data } = (await response.json()) as { data: { b64_json: string }[] };
    return Buffer.from(data[0]?.b64_json ?? '', 'base64');
  }

  async faults(rules: FaultRule[]): Promise<void> {
    const response = await fetch(`${this.url}/__sandbox/faults`, { method: 'PUT', body: JSON.stringify(rules) });
    if (!response.ok) throw new Error(await response.text());
  }

  /** What a fault's delay holds back goes on now. */
  async release(): Promise<void> {
    await fetch(`${this.url}/__sandbox/delays`, { method: 'DELETE' });
  }

  async ledger(): Promise<{ lines: LedgerLine[]; arrived: Arrival[] }> {
    return (await (await fetch(`${this.url}/__sandbox/ledger`)).json()) as { lines: LedgerLine[]; arrived: Arrival[] };
  }

  async clear(): Promise<void> {
    await fetch(`${this.url}/__sandbox/ledger`, { method: 'DELETE' });
    await this.faults([]);
  }
}
