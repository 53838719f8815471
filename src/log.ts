import { pino, type Logger } from 'pino';

export type { Logger };

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
    pino.destination({ fd: 2, sync: true }),
  );
}
