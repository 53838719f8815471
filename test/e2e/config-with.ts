import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../src/config.ts';
import type { StoryboardSettings } from '../../src/domain/config-files.ts';

/** A copy of the product's configuration, with scripts made otherwise; whoever asks removes it. */
export function configWith(storyboard: Partial<StoryboardSettings>): string {
  const configDir = mkdtempSync(path.join(tmpdir(), 'mcp-bridge-config-'));
  cpSync(loadConfig({}).configDir, configDir, { recursive: true });
  const file = path.join(configDir, 'storyboard_config.yaml');
  const content = parse(readFileSync(file, 'utf8')) as { storyboard: StoryboardSettings };
  writeFileSync(file, stringify({ storyboard: { ...content.storyboard, ...storyboard } }));
  return configDir;
}
