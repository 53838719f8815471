import { PermanentError } from '../domain/errors.ts';

/** @throws PermanentError whose code names the fault that `where` describes. */
export function refuseDraft(code: string, where: string): never {
  throw new PermanentError(code, `The draft cannot be used as it is: ${where}.`);
}
