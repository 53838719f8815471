import { setTimeout as sleep } from 'node:timers/promises';
import type { Faults } from '../faults.ts';
import type { CapcutEngine } from './engine.ts';
import { measure } from './media.ts';
import { bound, FUNCTIONS, type FunctionName, type Values } from './parameters.ts';
import { hexId, type MediaMaterial } from './script.ts';
import { TOOLS } from './tools.ts';

interface RpcRequest {
  id?: unknown;
  method?: string;
  params?: { name: string; arguments?: Values };
}

/** What a line is answered with; null: nothing. A fault can end the process, or leave it silent. */
export type Reply = string | null | 'exit' | 'silence';

/** The server's own JSON-RPC, by hand: one line, one answer, whatever came. */
export class CapcutMcp {
  readonly #engine: CapcutEngine;
  readonly #faults: Faults;

  constructor(engine: CapcutEngine, faults: Faults) {
    this.#engine = engine;
    this.#faults = faults;
  }

  async reply(line: string): Promise<Reply> {
    try {
      return await this.#handle(JSON.parse(line.trim()) as RpcRequest);
    } catch (error) {
      return said({ id: null, error: { code: 0, message: (error as Error).message } });
    }
  }

  async #handle({ id, method, params }: RpcRequest): Promise<Reply> {
    const result = (value: unknown): string => said({ id: id ?? null, result: value });
    switch (method) {
      case 'initialize':
        return result({
          protocolVersion: '2024-11-05',
          capabilities: { experimental: {}, tools: { listChanged: false } },
          serverInfo: { name: 'capcut-api', version: '1.12.3' },
        });
      case 'notifications/initialized':
        return null;
      case 'tools/list':
        return result({ tools: TOOLS });
      case 'tools/call': {
        if (params === undefined) throw new Error("'params'");
        const values = params.arguments ?? {};
        const fault = this.#faults.next('capcut', { text: `${params.name} ${JSON.stringify(values)}`, via: 'mcp' });
        if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
        if (fault?.noAnswer === 'before') return 'exit';
        if (fault?.hang === true) return 'silence';
        if (fault?.garbage === true) return '\u0000garbage{{{';
        if (fault?.body !== undefined)
          return typeof fault.body === 'string' ? fault.body : result(textResult(fault.body));
        if (fault?.code !== undefined)
          return result(textResult({ success: false, error: fault.message ?? String(fault.code) }));
        const answer = result(textResult(await this.#execute(params.name, values)));
        return fault?.noAnswer === 'after' ? 'exit' : answer;
      }
      case undefined:
      default:
        // Also what needs no answer, such as the news that a call was given up.
        return said({ id: id ?? null, error: { code: -32601, message: 'Method not found' } });
    }
  }

  async #execute(tool: string, values: Values): Promise<object> {
    try {
      return {
        success: true,
        result: await this.#result(tool, values),
        features_used: {
          shadow: tool === 'add_text' ? (values['shadow_enabled'] ?? false) : false,
          background: tool === 'add_text' && Boolean(values['background_color']),
          multi_style: false,
        },
      };
    } catch (error) {
      return { success: false, error: (error as Error).message };
    }
  }

  async #result(tool: string, values: Values): Promise<unknown> {
    if (tool === 'create_draft') {
      const { draft_id: id } = this.#engine.create(values);
      return { draft_id: id, draft_url: `https://www.install-ai-guider.top/draft/downloader?draft_id=${id}` };
    }
    if (tool === 'get_video_duration') return { duration: await durationOf(String(values['video_url'])) };
    if (!(tool in FUNCTIONS)) throw new Error(`Unknown tool: ${tool}`);
    const name = tool as FunctionName;
    // Styles of parts of a text are lost on the way to the function.
    const called = bound(name, 'text_styles' in values ? { ...values, text_styles: null } : values);
    if (name !== 'save_draft') return this.#engine.call(name, called);
    return { draft_url: (await this.#engine.save(called)).draft_url };
  }
}

async function durationOf(url: string): Promise<object> {
  const measured: MediaMaterial = {
    ...{ id: hexId(), name: '', url, path: '', duration: 0, width: 0, height: 0 },
    kind: 'video',
  };
  try {
    await measure(measured);
    return { success: true, output: measured.duration / 1e6, error: null };
  } catch (error) {
    return { success: false, output: 0, error: (error as Error).message };
  }
}

/** Neither a mark of errors nor anything but text. */
const textResult = (value: unknown): object => ({ content: [{ type: 'text', text: JSON.stringify(value, null, 2) }] });

const said = (message: object): string => JSON.stringify({ jsonrpc: '2.0', ...message });
