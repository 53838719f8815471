import { pino, type Logger } from 'pino';

export type { Logger };

const MOST_WAITING_BYTES = 1024 * 1024;

/** The one place a logger is made. JSON lines on stderr, so that stdout stays free for what a program answers. */
export function createLog(options: { level: string; component: string }): Logger {
  return pino(
    {
      level: options.level,
      base: { component: options.component },
      timestamp: pino.stdTimeFunctions.isoTime,
      // Whatever a library hands us, no credential and no word a person wrote reaches a log line.
      redact: {
        paths: [
          'req.headers.authorization',
          'req.headers.cookie',
          'req.headers["x-api-key"]',
          '*.apiKey',
          '*.accessToken',
          '*.secretAccessKey',
          '*.credentials',
          '*.theme',
          '*.video_theme',
        ],
        censor: '[redacted]',
      },
    },
    standardError(),
  );
}

/** Where lines cannot be written (a full disk), they wait for a later one that can, as many as there is room for. */
function standardError() {
  const destination = pino.destination({ fd: 2, sync: true, maxLength: MOST_WAITING_BYTES });
  // Whoever has something to say goes on.
  destination.on('error', () => {});
  return destination;
}
