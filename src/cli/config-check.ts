import { type Config, ConfigError, loadConfig } from '../config.ts';
import { readPrompts } from '../read-prompts.ts';
import { DONE, REFUSED } from './exit-codes.ts';
import { tell } from './gateway.ts';

/** `mcp-bridge config check`: every variable and file the product reads, before anything is started with them. */
export function configCheck(options: { json?: boolean }): number {
  const faults: string[] = [];
  const config = orFault(() => loadConfig(), faults);
  if (config !== null) orFault(() => readPrompts(config.configDir), faults);
  if (faults.length === 0) {
    const { configDir, dataDir } = config as Config;
    tell(
      { ok: true, config_dir: configDir, data_dir: dataDir },
      [`The configuration in ${configDir} is valid.`],
      options,
    );
    return DONE;
  }
  if (options.json === true) tell({ ok: false, faults }, [], options);
  else process.stderr.write(`${faults.join('\n')}\n`);
  return REFUSED;
}

function orFault<T>(read: () => T, faults: string[]): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    faults.push(error.message);
    return null;
  }
}
