import { ensureBuild } from './build.mjs';
import { run } from './project.mjs';

/** The figures, of the programs as built. */
export async function bench(args) {
  const built = (await ensureBuild()) ?? 0;
  if (built !== 0) return built;
  return run(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args]);
}
