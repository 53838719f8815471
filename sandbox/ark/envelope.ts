import { jsonAnswer, type Answer, type Failure } from '../call.ts';

const TYPES: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  413: 'BadRequest',
  429: 'TooManyRequests',
  500: 'InternalServerError',
};

/** The first pattern that fits gives a code its status; the families are those of the vendor's list. */
const STATUSES: readonly [RegExp, number][] = [
  [/^(AuthenticationError|InvalidAccountStatus)/, 401],
  [/^(AccessDenied|AccountOverdueError|OperationDenied)/, 403],
  [/^(InvalidEndpointOrModel|ModelNotOpen|NotFound|UnsupportedModel)/, 404],
  [/RateLimit|^(ServerOverloaded|RequestBurstTooFast|InflightBatchsizeExceeded|QuotaExceeded|SetLimitExceeded)/, 429],
  [/^InternalServiceError/, 500],
  [/^(Missing|Invalid|Out|Input|Output|Sensitive|Content)/, 400],
];

const MESSAGES: readonly [RegExp, string][] = [
  [/^AuthenticationError/, 'The API key or AK/SK in the request is missing or invalid.'],
  [/^AccountOverdueError/, 'The request failed because your account has an overdue balance.'],
  [/^InvalidEndpointOrModel/, 'The model or endpoint does not exist or you do not have access to it.'],
  [/^InputText/, 'The request failed because the input text may contain sensitive information.'],
  [/^OutputImage/, 'The request failed because the output image may contain sensitive information.'],
  [/^OutputText/, 'The request failed because the output text may contain sensitive information.'],
  [/^SetLimitExceeded/, 'Your account has reached the set inference limit for this model.'],
  [/RateLimit/, 'The request failed because the account has exceeded its requests per minute limit.'],
  [/^ServerOverloaded/, 'The request failed because the server is currently unable to process more requests.'],
  [/^InternalServiceError/, 'The service encountered an unexpected internal error.'],
];

export function arkFailure({ code, status, message, param = '' }: Failure, requestId: string): Answer {
  const name = String(code);
  const httpStatus = status ?? firstMatch(STATUSES, name) ?? 400;
  const text = message ?? firstMatch(MESSAGES, name) ?? `The request failed with ${name}.`;
  return jsonAnswer(httpStatus, {
    error: {
      code: name,
      message: `${text} Request id: ${requestId}`,
      param,
      type: TYPES[httpStatus] ?? 'InternalServerError',
    },
  });
}

function firstMatch<T>(table: readonly [RegExp, T][], name: string): T | undefined {
  return table.find(([pattern]) => pattern.test(name))?.[1];
}
