import path from 'node:path';
import { checkMovedDraft } from '../draft/check-draft.ts';
import { relocateDraft } from '../draft/relocate-draft.ts';
import { DONE } from './exit-codes.ts';

/** `mcp-bridge draft unzip`: a downloaded draft as a folder, whose paths hold where it lies. */
export async function unzip(zip: string, to: string): Promise<number> {
  const { folder } = await relocateDraft(zip, to);
  process.stdout.write(`${folder}\n`);
  return DONE;
}

/** `mcp-bridge draft check`: whether an app would show it as the film is. @throws PermanentError that names the fault */
export async function check(draft: string): Promise<number> {
  const folder = path.resolve(draft);
  await checkMovedDraft(folder, { placedAt: folder });
  process.stdout.write(`${folder} is whole.\n`);
  return DONE;
}
