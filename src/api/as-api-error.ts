import { ERROR_RULES } from '../contract/error-body.ts';
import { DatabaseUnavailable } from '../database/errors.ts';
import { StoreUnavailableError } from '../store/store-unavailable.ts';
import { ApiError } from './api-error.ts';

/** Whatever is not ours says nothing to the outside; the log has it. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof StoreUnavailableError)
    return new ApiError('STORE_UNAVAILABLE', ERROR_RULES.STORE_UNAVAILABLE.meaning, { cause: error });
  if (error instanceof DatabaseUnavailable)
    return new ApiError('DATABASE_UNAVAILABLE', ERROR_RULES.DATABASE_UNAVAILABLE.meaning, { cause: error });
  // Express throws this at addresses it cannot decode.
  if (error instanceof URIError)
    return new ApiError('ROUTE_NOT_FOUND', 'The address cannot be decoded; nothing is there.');
  return new ApiError('INTERNAL', 'Something went wrong here. The request id leads to the cause in the log.', {
    cause: error,
  });
}
