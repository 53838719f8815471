import type { Request } from 'express';
import type { z } from 'zod';
import { fieldFaults } from '../../contract/field-faults.ts';
import { ApiError } from '../api-error.ts';
import { wrongInWords } from '../videos/refusal.ts';

/** The query, checked. @throws ApiError INVALID_REQUEST that names every wrong parameter */
export function parseQuery<Schema extends z.ZodObject>(req: Request, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(req.query);
  if (parsed.success) return parsed.data;
  const details = fieldFaults(parsed.error, Object.keys(schema.shape), 'query');
  throw new ApiError('INVALID_REQUEST', wrongInWords('parameter', details.length), { details });
}
