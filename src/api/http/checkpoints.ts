import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { CheckpointRequest, RestoreRequest, type RestoredVideo } from '../../contract/checkpoint.ts';
import { fieldFaults } from '../../contract/field-faults.ts';
import { LOCAL_TENANT, workflowIdOf } from '../../domain/ids.ts';
import { ApiError } from '../api-error.ts';
import { checkpointsOf, checkpointToWire, nameCheckpoint } from '../videos/checkpoints.ts';
import { wrongInWords } from '../videos/refusal.ts';
import { restoreVideo } from '../videos/restore-video.ts';
import { answer } from './answer.ts';
import { noteRun } from './context.ts';
import type { Gateway } from './gateway.ts';
import { isEmpty, readJson } from './read-body.ts';

/** GET /api/v1/videos/:id/checkpoints */
export function getCheckpoints(gateway: Gateway): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const known = await checkpointsOf({ ...gateway, tenant: LOCAL_TENANT }, videoOf(req, res));
    const message = known.length === 1 ? '1 checkpoint.' : `${known.length} checkpoints.`;
    answer(res, { data: { checkpoints: known.map(checkpointToWire) }, message });
  };
}

/** POST /api/v1/videos/:id/checkpoints */
export function postCheckpoint(gateway: Gateway): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const id = videoOf(req, res);
    const { checkpoint: name } = isEmpty(req) ? {} : checked(CheckpointRequest, await readJson(req));
    const { checkpoint, isNew } = await nameCheckpoint({ ...gateway, tenant: LOCAL_TENANT }, id, name ?? null);
    answer(res, {
      status: isNew ? 201 : 200,
      data: checkpointToWire(checkpoint),
      message: `The video can be restored to ${checkpoint.name}.`,
    });
  };
}

/** POST /api/v1/videos/:id/restore */
export function postRestore(gateway: Gateway): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const id = videoOf(req, res);
    const { checkpoint } = checked(RestoreRequest, await readJson(req));
    const { status, runId } = await restoreVideo({ ...gateway, tenant: LOCAL_TENANT }, id, checkpoint);
    noteRun(res, { workflowId: workflowIdOf(id), runId });
    res.location(`/api/v1/videos/${id}`);
    const data = { id, status, checkpoint } satisfies RestoredVideo;
    answer(res, { status: 202, data, message: `The video goes on from ${checkpoint}.` });
  };
}

function videoOf(req: Request<{ id: string }>, res: Response): string {
  noteRun(res, { workflowId: workflowIdOf(req.params.id), runId: null });
  return req.params.id;
}

function checked<Schema extends z.ZodObject>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const details = fieldFaults(parsed.error, Object.keys(schema.shape), 'body');
  throw new ApiError('INVALID_REQUEST', wrongInWords('field', details.length), { details });
}
