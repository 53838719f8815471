import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Config, loadConfig } from '../../src/config.ts';
import type { ProgramName, StackEvent } from '../../src/stack/events.ts';
import { type ProgramOptions, type Programs, programs } from '../../src/stack/programs.ts';

const standIn = fileURLToPath(new URL('stand-in.mjs', import.meta.url));

/** The real Temporal server, and small programs in place of the product's own. */
export function standIns(behaviour: Partial<Record<ProgramName, string>> = {}) {
  return (options: ProgramOptions): Programs => {
    const real = programs(options);
    const replaced = <T extends { name: ProgramName; command: readonly string[] }>(spec: T): T => ({
      ...spec,
      command: [process.execPath, standIn, spec.name, behaviour[spec.name] ?? 'orderly'],
      graceMs: 1000,
    });
    return {
      temporal: real.temporal,
      sandbox: real.sandbox === null ? null : replaced(real.sandbox),
      worker: replaced(real.worker),
      gateway: replaced(real.gateway),
    };
  };
}

/** A configuration on ports that nobody else uses, without keys. */
export function stackConfig(dataDir: string, environment: Record<string, string> = {}): Config {
  const ports = ['GATEWAY_PORT', 'METRICS_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'SANDBOX_PORT'];
  return loadConfig({
    ...process.env,
    ARK_API_KEY: '',
    ...Object.fromEntries(ports.map((name) => [name, '0'])),
    DATA_DIR: dataDir,
    ...environment,
  });
}

/** Every living process whose environment names this folder: the stack's, and whatever those started. */
export function processesOf(dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`DATA_DIR=${dataDir}`);
      } catch {
        return false; // ended while we looked, or is a zombie
      }
    })
    .map(Number);
}

export async function until(what: string, holds: () => boolean, withinMs = 15_000): Promise<void> {
  for (const end = Date.now() + withinMs; !holds(); await sleep(50)) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
  }
}

export function logOf(dataDir: string, name: ProgramName): string {
  return readFileSync(path.join(dataDir, 'logs', `${name}.log`), 'utf8');
}

export function recorder(): { events: StackEvent[]; onEvent: (event: StackEvent) => void } {
  const events: StackEvent[] = [];
  return { events, onEvent: (event) => void events.push(event) };
}
