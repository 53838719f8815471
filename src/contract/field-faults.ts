import type { z } from 'zod';
import type { FieldFault } from './error-body.ts';
import { nearest } from './nearest.ts';

/** A body can hold thousands of unknown fields; nobody reads more than this of them. */
const MAX_FAULTS = 100;
/** A field's name is echoed; a hostile one can be as long as the body. */
const MAX_NAME_LENGTH = 100;

/** Zod's issues as one line a field, unknown fields by name. `whole` names what has no path, such as `body`. */
export function fieldFaults(error: z.ZodError, known: readonly string[], whole: string): FieldFault[] {
  return error.issues
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownField([...issue.path, shortened(key)], key, known))
        : [{ field: issue.path.length === 0 ? whole : issue.path.join('.'), message: issue.message }],
    )
    .slice(0, MAX_FAULTS);
}

function unknownField(path: readonly PropertyKey[], key: string, known: readonly string[]): FieldFault {
  const field = path.join('.');
  if (path.length > 1) return { field, message: 'is not known here; remove it.' };
  const near = nearest(key, known);
  const remedy = near === null ? 'remove it.' : `did you mean ${near}?`;
  return { field, message: `is not known here; ${remedy} Known: ${known.join(', ')}.` };
}

const shortened = (name: string): string =>
  name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH)}…`;
