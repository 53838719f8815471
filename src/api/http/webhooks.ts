import type { RequestHandler } from 'express';
import { fieldFaults } from '../../contract/field-faults.ts';
import { DeadLetterId, DeadLetterQuery, type DeadLetterList, type ReplayedWebhook } from '../../contract/webhook.ts';
import { LOCAL_TENANT } from '../../domain/ids.ts';
import { deadLetters, reviveDeadLetter } from '../../webhooks/deliveries.ts';
import { hostOf } from '../../webhooks/target.ts';
import { ApiError } from '../api-error.ts';
import { wrongInWords } from '../videos/refusal.ts';
import { answer } from './answer.ts';
import type { Gateway } from './gateway.ts';

/** GET /api/v1/webhooks/dead-letters */
export function getDeadLetters({ model }: Gateway): RequestHandler {
  return async (req, res) => {
    const query = DeadLetterQuery.safeParse(req.query);
    if (!query.success) {
      const details = fieldFaults(query.error, Object.keys(DeadLetterQuery.shape), 'query');
      throw new ApiError('INVALID_REQUEST', wrongInWords('parameter', details.length), { details });
    }
    const found = await deadLetters(model.database, { tenant: LOCAL_TENANT, ...query.data });
    const letters = found.map(({ id, videoId, type, at, url, attempts, lastFailure, diedAt }) => {
      return {
        id,
        video_id: videoId,
        type,
        at,
        host: hostOf(url),
        attempts,
        last_failure: lastFailure,
        failed_at: diedAt,
      };
    });
    const data = { dead_letters: letters } satisfies DeadLetterList;
    answer(res, { data, message: letters.length === 1 ? '1 dead letter.' : `${letters.length} dead letters.` });
  };
}

/** POST /api/v1/webhooks/dead-letters/:id/replay */
export function postReplay({ model }: Gateway): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const { data: id } = DeadLetterId.safeParse(req.params.id);
    if (id === undefined || !(await reviveDeadLetter(model.database, { tenant: LOCAL_TENANT, id })))
      throw new ApiError('DEAD_LETTER_NOT_FOUND', 'There is no dead letter with this id.');
    const data = { id, state: 'pending' } satisfies ReplayedWebhook;
    answer(res, { status: 202, data, message: 'It is sent again, under the same webhook-id.' });
  };
}
