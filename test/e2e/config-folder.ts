import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../src/config.ts';
import type { AdaptiveRateSettings, CircuitBreakers, StoryboardSettings } from '../../src/domain/config-files.ts';

interface Changes {
  breakers?: (config: CircuitBreakers) => void;
  rate?: Partial<AdaptiveRateSettings>;
  storyboard?: Partial<StoryboardSettings>;
}

/** A copy of the product's configuration with changes of the test's own, such as shorter times. */
export function configFolder({ breakers = () => {}, rate = {}, storyboard = {} }: Changes): {
  path: string;
  remove(): void;
} {
  const folder = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-config-'));
  cpSync(loadConfig({}).configDir, folder, { recursive: true });
  change<{ circuit_breaker: CircuitBreakers }>(folder, 'circuit_breaker_config.yaml', (content) =>
    breakers(content.circuit_breaker),
  );
  change<{ error_handling: { adaptive_rate: object } }>(folder, 'error_handling_config.yaml', (content) =>
    Object.assign(content.error_handling.adaptive_rate, rate),
  );
  change<{ storyboard: StoryboardSettings }>(folder, 'storyboard_config.yaml', (content) =>
    Object.assign(content.storyboard, storyboard),
  );
  return { path: folder, remove: () => rmSync(folder, { recursive: true }) };
}

function change<T>(folder: string, name: string, apply: (content: T) => void): void {
  const file = path.join(folder, name);
  const content = parse(readFileSync(file, 'utf8')) as T;
  apply(content);
  writeFileSync(file, stringify(content));
}
