import type { Config } from '../config.ts';
import { DONE } from './exit-codes.ts';
import { filmRequest, type FilmWishes } from './film-request.ts';
import { followVideo, type FollowOptions } from './follow-video.ts';
import { connect, tell } from './gateway.ts';
import { Interrupted, listenForInterruption } from './interruption.ts';

export interface GenerateOptions extends FilmWishes, FollowOptions {
  idempotencyKey?: string;
  /** False: only ask for it. */
  wait?: boolean;
}

/** Asks a gateway for a film, shows its making, and saves it where that is wanted. Resolves to the exit code. */
export async function generate(config: Config, theme: string | undefined, options: GenerateOptions): Promise<number> {
  const { wait = true, idempotencyKey, json } = options;
  const request = filmRequest({ ...options, theme });
  const client = connect(config, options);
  const interruption = listenForInterruption();
  try {
    const started = await client.startVideo(request, { signal: interruption.first, idempotencyKey });
    if (!wait) {
      tell(started, [started.id], { json });
      return DONE;
    }
    return await followVideo(client, started.id, { options, interruption });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    process.stderr.write(
      'Interrupted before the gateway had answered: the video may be made all the same (list shows it).\n',
    );
    return error.exitCode;
  } finally {
    interruption.done();
  }
}
