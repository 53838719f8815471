import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ActivityDeps } from './deps.ts';

interface WorkFile {
  videoId: string;
  /** Before its random part, such as `own-s1`. */
  name: string;
  type: string;
}

/** A file of the video's work folder, for as long as it is needed; another one for an abandoned attempt's successor. */
export async function inWorkFile<Made>(
  { workDir }: Pick<ActivityDeps, 'workDir'>,
  { videoId, name, type }: WorkFile,
  make: (file: string, cwd: string) => Promise<Made>,
): Promise<Made> {
  const cwd = path.join(workDir, videoId);
  const file = path.join(cwd, `${name}-${randomUUID()}.${type}`);
  await mkdir(cwd, { recursive: true });
  try {
    return await make(file, cwd);
  } finally {
    await rm(file, { force: true });
  }
}
