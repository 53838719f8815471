import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { StoreUnavailableError } from './store-unavailable.ts';

export interface S3Settings {
  bucket: string;
  /** Null: AWS, in its region. */
  endpoint: string | null;
  /** The endpoint as clients of ours reach it, when that is another one: temporary URLs name it. */
  publicEndpoint: string | null;
  region: string;
  /** Before every key; empty or ending with a slash. */
  prefix: string;
  /** Null: wherever the SDK finds some (environment, profile, role of the machine). */
  credentials: { accessKeyId: string; secretAccessKey: string } | null;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. */
  forcePathStyle: boolean;
  /** How long the store may be silent within a request, and how long a small request may take with its repetitions. */
  timeoutMs: number;
  /** How long a temporary URL works. */
  presignSeconds: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Sockets of one process: a film's assets at once, and some players. */
const MAX_SOCKETS = 64;
/** Of one request, as a whole: 8 MB over a slow line. A silent one ends much sooner. */
const REQUEST_TIMEOUT_MS = 120_000;
const MAX_ATTEMPTS = 3;

export function createS3Client(settings: S3Settings, endpoint = settings.endpoint): S3Client {
  // Its word on Node versions of the future would stand between our JSON lines.
  // eslint-disable-next-line no-restricted-properties -- written, not read
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const { region, credentials, forcePathStyle, timeoutMs } = settings;
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS };
  return new S3Client({
    region,
    forcePathStyle,
    ...(endpoint === null ? {} : { endpoint }),
    ...(credentials === null ? {} : { credentials }),
    // Checksum trailers are AWS's own; other stores refuse them. We check what we read by its name anyhow.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: timeoutMs,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    },
  });
}

export const isNotFound = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404 && error.name !== 'NoSuchBucket';

/** What an operator can mend, by the store's own code. */
const REMEDIES: Record<string, string> = {
  NoSuchBucket: 'there is no such bucket: check S3_BUCKET and S3_ENDPOINT',
  AccessDenied: 'access denied: check what the key may do in S3_BUCKET',
  InvalidAccessKeyId: 'unknown key: check S3_ACCESS_KEY_ID',
  SignatureDoesNotMatch: 'wrong signature: check S3_SECRET_ACCESS_KEY and S3_REGION',
  PermanentRedirect: 'the bucket is elsewhere: check S3_REGION and S3_ENDPOINT',
  CredentialsProviderError: 'no credentials: set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY',
};

/** The SDK's errors carry requests, and so signatures: only their name goes on. */
export function unavailable(what: string, error: unknown): StoreUnavailableError {
  const name = error instanceof Error ? error.name : 'unknown';
  const code = (error as NodeJS.ErrnoException).code;
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  const remedy = REMEDIES[name] ?? null;
  const why = remedy ?? [name, code, status].filter((part) => part !== undefined).join(' ');
  return new StoreUnavailableError(`The asset store cannot ${what} (${why}).`, { remedy });
}
