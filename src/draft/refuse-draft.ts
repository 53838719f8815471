import type { OwnErrorCode } from '../domain/error-table.ts';
import { PermanentError } from '../domain/errors.ts';

/** @throws PermanentError whose code names the fault that `where` describes. */
export function refuseDraft(code: OwnErrorCode, where: string): never {
  throw new PermanentError(code, `The draft cannot be used as it is: ${where}.`);
}
