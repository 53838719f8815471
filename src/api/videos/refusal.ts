import type { FieldFault } from '../../contract/error-body.ts';
import { ApiError } from '../api-error.ts';

/** All that is wrong with a request, by the answer it leads to; the first kind that is there decides. */
export interface RequestFaults {
  invalid?: FieldFault[];
  unusable?: FieldFault[];
}

/** One answer that names every wrong field, of whatever kind; null when nothing is wrong. */
export function refusalOf({ invalid = [], unusable = [] }: RequestFaults): ApiError | null {
  const details = [...invalid, ...unusable];
  if (invalid.length > 0) return new ApiError('INVALID_REQUEST', wrongInWords('field', details.length), { details });
  if (unusable.length === 0) return null;
  const message =
    unusable.length === 1 ? 'An asset cannot be used; details names it.' : 'Assets cannot be used; details names each.';
  return new ApiError('ASSET_NOT_USABLE', message, { details });
}

export const wrongInWords = (what: 'field' | 'parameter' | 'argument', count: number): string =>
  count === 1
    ? `The request has 1 wrong ${what}; details names it.`
    : `The request has ${count} wrong ${what}s; details names each.`;
