import { z } from 'zod';

/** An id becomes a folder's name: CapCutAPI's own are `dfd_cat_1760015650_231b8d91`. */
const DraftId = z.string().regex(/^[\w-]{1,100}$/);
export const CreatedDraft = z.looseObject({ draft_id: DraftId });
export const KeptDraft = z.looseObject({ draft_id: z.string() });

/** Over HTTP. Every handled failure is HTTP 200, too. */
export const HttpAnswer = z.discriminatedUnion('success', [
  z.looseObject({ success: z.literal(true), output: z.unknown() }),
  z.looseObject({ success: z.literal(false), error: z.string() }),
]);

/** The text of a tool's result over MCP. */
export const ToolAnswer = z.discriminatedUnion('success', [
  z.looseObject({ success: z.literal(true), result: z.unknown() }),
  z.looseObject({ success: z.literal(false), error: z.string() }),
]);

/** Null for a draft that is not there; else empty, an address, or where it lies. */
export const SavedDraft = z.looseObject({ draft_url: z.string().nullable() });
export const HttpSavedDraft = SavedDraft.extend({ success: z.literal(true) });
export const SaveTask = z.looseObject({ status: z.string() });
