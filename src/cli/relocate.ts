import { relocateDraft } from '../draft/relocate-draft.ts';

/** `mcp-bridge draft relocate`: says where the draft is now. */
export async function relocate(draft: string, to: string): Promise<number> {
  const { folder, changed } = await relocateDraft(draft, to);
  process.stdout.write(`${folder}${changed ? '' : ' (nothing to do: it was there already)'}\n`);
  return 0;
}
