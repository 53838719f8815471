import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config.ts';
import { type AnswerSchema, faultsOfSchema, Instructions, PROMPT_NAMES, type Prompts } from './domain/prompt-files.ts';

/** Reads config/prompts: before a worker takes a task, and for an estimate. @throws ConfigError naming every file that cannot be used. */
export function readPrompts(configDir: string): Prompts {
  const faults: string[] = [];
  const read = (name: string): string => {
    try {
      return readFileSync(path.join(configDir, 'prompts', name), 'utf8');
    } catch (error) {
      faults.push(`prompts/${name}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
      return '';
    }
  };
  const prompts = Object.fromEntries(
    PROMPT_NAMES.map((name) => {
      const before = faults.length;
      const text = read(`${name}.md`);
      const json = read(`${name}.schema.json`);
      if (faults.length > before) return [name, null];
      const instructions = Instructions.safeParse(text);
      if (!instructions.success) faults.push(`prompts/${name}.md: ${z.prettifyError(instructions.error)}`);
      const schema = parseJson(json);
      const fault = schema === undefined ? 'it is not JSON' : faultsOfSchema(name, schema);
      if (fault !== null) faults.push(`prompts/${name}.schema.json: ${fault}`);
      return [name, { instructions: text, schema: schema as AnswerSchema }];
    }),
  ) as Prompts;
  if (faults.length > 0) throw new ConfigError(faults.join('\n'));
  return prompts;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
