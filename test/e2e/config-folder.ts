import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../src/config.ts';
import type {
  ChannelSettings,
  CircuitBreakers,
  ErrorHandling,
  FallbackStrategies,
  ParallelConfig,
  StoryboardSettings,
} from '../../src/domain/config-files.ts';

/** What a test wants otherwise, such as shorter times. */
export interface ConfigChanges {
  parallel?: (config: ParallelConfig) => void;
  breakers?: (config: CircuitBreakers) => void;
  rate?: Partial<ErrorHandling['adaptive_rate']>;
  fallbacks?: (config: FallbackStrategies) => void;
  channels?: (config: ChannelSettings) => void;
  storyboard?: Partial<StoryboardSettings>;
}

/** A copy of the product's configuration with changes, in a folder of its own below `parent`. Gives its path. */
export function configFolder(parent: string, changes: ConfigChanges): string {
  const {
    parallel = () => {},
    breakers = () => {},
    fallbacks = () => {},
    channels = () => {},
    rate = {},
    storyboard = {},
  } = changes;
  const folder = mkdtempSync(path.join(parent, 'config-'));
  cpSync(loadConfig({}).configDir, folder, { recursive: true });
  change<{ parallel_processing: ParallelConfig }>(folder, 'parallel_config.yaml', (content) =>
    parallel(content.parallel_processing),
  );
  change<{ circuit_breaker: CircuitBreakers }>(folder, 'circuit_breaker_config.yaml', (content) =>
    breakers(content.circuit_breaker),
  );
  change<{ error_handling: ErrorHandling }>(folder, 'error_handling_config.yaml', ({ error_handling: content }) => {
    Object.assign(content.adaptive_rate, rate);
    fallbacks(content.fallback_strategies);
  });
  change<{ channels: ChannelSettings }>(folder, 'channels_config.yaml', (content) => channels(content.channels));
  change<{ storyboard: StoryboardSettings }>(folder, 'storyboard_config.yaml', (content) =>
    Object.assign(content.storyboard, storyboard),
  );
  change<{ channels: ChannelSettings }>(folder, 'channels_config.yaml', (content) => channels(content.channels));
  return folder;
}

function change<T>(folder: string, name: string, apply: (content: T) => void): void {
  const file = path.join(folder, name);
  const content = parse(readFileSync(file, 'utf8')) as T;
  apply(content);
  writeFileSync(file, stringify(content));
}
