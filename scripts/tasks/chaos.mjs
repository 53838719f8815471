import { ensureBuild } from './build.mjs';
import { run } from './project.mjs';

/** The fault campaign, against the programs as built. */
export async function chaos(args) {
  const built = (await ensureBuild()) ?? 0;
  if (built !== 0) return built;
  return run(process.execPath, ['--import', 'tsx', 'test/chaos/main.ts', ...args]);
}

/** Copies of the project without one protection each: the campaign must notice. They are built by themselves. */
export function weakened(args) {
  return run(process.execPath, ['--import', 'tsx', 'test/chaos/weaken.ts', ...args]);
}
