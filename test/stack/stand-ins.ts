import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, loadConfig } from '../../src/config.ts';
import type { ProgramName, StackEvent } from '../../src/stack/events.ts';
import { type ProgramOptions, type Programs, programs } from '../../src/stack/programs.ts';
import { FREE_PORTS } from '../free-ports.ts';

const standIn = fileURLToPath(new URL('stand-in.ts', import.meta.url));

/** The real Temporal server, and small programs in place of the product's own. */
export function standIns(behaviour: Partial<Record<ProgramName, string>> = {}) {
  return (options: ProgramOptions): Programs => {
    const real = programs(options);
    const replaced = <T extends { name: ProgramName; command: readonly string[] }>(spec: T): T => ({
      ...spec,
      command: [process.execPath, '--import', 'tsx', standIn, spec.name, behaviour[spec.name] ?? 'orderly'],
      graceMs: behaviour[spec.name] === 'stubborn' ? 1_000 : 30_000,
    });
    return {
      temporal: real.temporal,
      sandbox: real.sandbox === null ? null : replaced(real.sandbox),
      database: real.database === null ? null : replaced(real.database),
      worker: replaced(real.worker),
      gateway: replaced(real.gateway),
    };
  };
}

/** A configuration on ports that nobody else uses, without keys. */
export function stackConfig(dataDir: string, environment: Record<string, string> = {}): Config {
  return loadConfig({
    ...process.env,
    ARK_API_KEY: '',
    ...Object.fromEntries(FREE_PORTS.map((name) => [name, '0'])),
    DATA_DIR: dataDir,
    ...environment,
  });
}

/** Every living process whose environment names this folder: the stack's, and whatever those started. */
export function processesOf(dataDir: string): number[] {
  return processesWhere((dir) => dir === dataDir);
}

/** The same for a folder that holds the data folders. */
export function processesBelow(folder: string): number[] {
  return processesWhere((dir) => dir.startsWith(`${folder}/`));
}

function processesWhere(belongs: (dataDir: string) => boolean): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => belongs(dataDirOf(pid) ?? ''))
    .map(Number);
}

function dataDirOf(pid: string): string | undefined {
  try {
    return /(?:^|\0)DATA_DIR=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1];
  } catch {
    return undefined; // ended while we looked, or is a zombie
  }
}

export function logOf(dataDir: string, name: ProgramName): string {
  return readFileSync(path.join(dataDir, 'logs', `${name}.log`), 'utf8');
}

export function recorder(): { events: StackEvent[]; onEvent: (event: StackEvent) => void } {
  const events: StackEvent[] = [];
  return { events, onEvent: (event) => void events.push(event) };
}
