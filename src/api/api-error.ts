import type { ErrorCode, FieldFault } from '../contract/error-body.ts';

/** An answer that is an error. The code decides status, category and advice. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  readonly details: FieldFault[];
  readonly headers: Record<string, string>;

  constructor(
    code: ErrorCode,
    message: string,
    rest: { details?: FieldFault[]; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(message, { cause: rest.cause });
    this.code = code;
    this.details = rest.details ?? [];
    this.headers = rest.headers ?? {};
  }
}

/** One wrong field, parameter or header. */
export const fieldError = (code: ErrorCode, field: string, message: string): ApiError =>
  new ApiError(code, `${field} ${message}`, { details: [{ field, message }] });
