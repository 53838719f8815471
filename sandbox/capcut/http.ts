import express, { type Router } from 'express';
import {
  jsonAnswer,
  Refusal,
  type AcceptedCall,
  type Answer,
  type Failure,
  type IncomingCall,
  type Route,
} from '../call.ts';
import { contentOf } from './content.ts';
import type { CapcutEngine } from './engine.ts';
import { FONTS, SCENE_EFFECTS, TRANSITIONS } from './names.ts';
import { bound, HTTP_DEFAULTS, HTTP_NAMES, type FunctionName, type Values } from './parameters.ts';

/** How long the server takes for one call; a save takes its downloads. */
const DELAY_MS = 5;

type Work = (body: Values) => unknown;

interface Endpoint {
  path: string;
  /** One of these at least is to be there, and what is said when it is not. */
  required?: { names: string[]; missing: string };
  /** Before what went wrong: `processing video`. */
  doing: string;
  work: Work;
}

/** CapCutAPI's HTTP server, by paths without a prefix. Whatever it can handle is answered with 200. */
export function capcutRoutes(engine: CapcutEngine): Route[] {
  const adds =
    (path: Exclude<FunctionName, 'save_draft'>): Work =>
    (body) =>
      engine.call(path, asFunction(path, body));
  const endpoints: Endpoint[] = [
    { path: 'create_draft', doing: 'creating draft', work: (body) => engine.create(body) },
    { path: 'add_video', required: one('video_url'), doing: 'processing video', work: adds('add_video') },
    { path: 'add_image', required: one('image_url'), doing: 'processing image', work: adds('add_image') },
    { path: 'add_audio', required: one('audio_url'), doing: 'processing audio', work: adds('add_audio') },
    {
      ...{ path: 'add_text', doing: 'processing text', work: adds('add_text') },
      required: { names: ['text'], missing: "Hi, the required parameters 'text', 'start' or 'end' are missing." },
    },
    { path: 'add_subtitle', required: one('srt'), doing: 'processing subtitle', work: adds('add_subtitle') },
    {
      ...{ path: 'add_effect', doing: 'adding effect', work: adds('add_effect') },
      required: { names: ['effect_type'], missing: "Hi, the required parameters 'effect_type' are missing." },
    },
    { path: 'add_sticker', required: single('sticker_id'), doing: 'adding sticker', work: adds('add_sticker') },
    { path: 'add_video_keyframe', doing: 'adding keyframe', work: adds('add_video_keyframe') },
    {
      ...{ path: 'save_draft', required: single('draft_id'), doing: 'saving draft' },
      work: ({ draft_id, draft_folder = null }) => engine.save({ draft_id, draft_folder }),
    },
    {
      ...{ path: 'query_draft_status', required: single('task_id'), doing: 'querying task status' },
      work: ({ task_id: id }) => {
        const task = engine.task(String(id));
        if (task === undefined)
          throw new Told(`Task with ID ${String(id)} not found. Please check if the task ID is correct.`);
        return task;
      },
    },
    {
      ...{ path: 'query_script', required: single('draft_id'), doing: 'querying script' },
      work: ({ draft_id: id }) => {
        const script = engine.script(String(id));
        if (script === undefined) throw new Told(`Draft ${String(id)} does not exist in cache.`);
        return JSON.stringify(contentOf(script), null, 4);
      },
    },
    {
      ...{ path: 'generate_draft_url', required: single('draft_id'), doing: 'generating draft url' },
      // The key of the query is missing, as it is there.
      work: ({ draft_id: id }) => ({ draft_url: `https://www.install-ai-guider.top/draft/downloader?=${String(id)}` }),
    },
  ];
  return endpoints.map(routeOf);
}

/** The lists of names, and what is said to a wrong method. */
export function capcutLists(): Router {
  const router = express.Router();
  const lists = { get_transition_types: TRANSITIONS, get_font_types: FONTS };
  for (const [path, names] of Object.entries(lists))
    router.get(`/${path}`, (_request, response) => {
      response.json({ error: '', output: Object.keys(names).map((name) => ({ name })), success: true });
    });
  router.get('/get_video_scene_effect_types', (_request, response) => {
    response.json({ error: '', output: SCENE_EFFECTS.map((name) => ({ name })), success: true });
  });
  const posts = ['create_draft', 'save_draft', 'query_draft_status', 'query_script', 'add_image', 'add_video'];
  router.all(
    posts.map((path) => `/${path}`),
    (request, response, next) => {
      if (request.method === 'POST') return next();
      if (request.method === 'OPTIONS') response.set('Allow', 'POST, OPTIONS').end();
      else response.status(405).type('html').send(page(405));
    },
  );
  return router;
}

/** An error that is told as it is, without what was being done. */
class Told extends Error {}

function routeOf({ path, required, doing, work }: Endpoint): Route {
  return {
    ...{ name: 'capcut', path: `/${path}`, failure },
    accept: (call): AcceptedCall => {
      const body = bodyOf(call);
      const { text_styles: styles } = body;
      // Read before errors are handled.
      if (
        Array.isArray(styles) &&
        styles.some((style: Values) => style['font'] != null && !(String(style['font']) in FONTS))
      )
        throw new Refusal({ code: 'InternalServerError', status: 500 });
      return {
        text: `${path} ${JSON.stringify(body)}`,
        delayMs: DELAY_MS,
        work: async () => ({ answer: await answerOf(), units: 0, usage: {} }),
      };

      async function answerOf(): Promise<Answer> {
        if (required !== undefined && required.names.some((name) => !body[name])) return told(required.missing);
        try {
          return envelope({ success: true, output: await work(body), error: '' });
        } catch (error) {
          const { message } = error as Error;
          return told(error instanceof Told ? message : `Error occurred while ${doing}: ${message}.`);
        }
      }
    },
  };
}

/** Parameters as the server hands them to its function: its own defaults, and nothing that it does not know. */
function asFunction(path: FunctionName, body: Values): Values {
  const renamed = { ...body };
  for (const [second, name] of Object.entries(HTTP_NAMES[path] ?? {}))
    if (body[second] !== undefined) renamed[name] = body[second];
  const known = bound(path, { ...HTTP_DEFAULTS[path], ...placeholders(path) });
  return Object.fromEntries(Object.keys(known).map((name) => [name, name in renamed ? renamed[name] : known[name]]));
}

/** What must be given is checked for before; a function without it is not called. */
const placeholders = (path: FunctionName): Values => ({
  ...(path === 'add_video' ? { video_url: '' } : {}),
  ...(path === 'add_image' ? { image_url: '' } : {}),
  ...(path === 'add_audio' ? { audio_url: '' } : {}),
  ...(path === 'add_text' ? { text: '' } : {}),
  ...(path === 'add_subtitle' ? { srt_path: '' } : {}),
  ...(path === 'add_effect' ? { effect_type: '' } : {}),
  ...(path === 'add_sticker' ? { resource_id: '' } : {}),
});

const one = (name: string) => ({ names: [name], missing: `Hi, the required parameters '${name}' are missing.` });
const single = (name: string) => ({
  names: [name],
  missing: `Hi, the required parameter '${name}' is missing. Please add it and try again.`,
});

/** What the web framework refuses, it refuses with a page. */
function bodyOf({ headers, body }: IncomingCall): Values {
  if (!/^application\/json\b/.test(headers['content-type'] ?? ''))
    throw new Refusal({ code: 'UnsupportedMediaType', status: 415 });
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal({ code: 'BadRequest', status: 400 });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal({ code: 'InternalServerError', status: 500 });
  return value as Values;
}

/** With a message: handled, and so 200. Without: the framework's page. */
function failure({ code, status, message }: Failure): Answer {
  if (message !== undefined || status === undefined) return { ...told(message ?? String(code)), status: status ?? 200 };
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: Buffer.from(page(status)) };
}

const page = (status: number): string =>
  `<!doctype html>\n<html lang=en>\n<title>${status}</title>\n<h1>${status}</h1>\n<p>The server could not do that.</p>\n`;

const told = (error: string): Answer => envelope({ success: false, output: '', error });

/** Keys by the alphabet, and nothing but ASCII. */
function envelope({ success, output, error }: { success: boolean; output: unknown; error: string }): Answer {
  const answer = jsonAnswer(200, { error, output, success }, { 'content-type': 'application/json' });
  const escaped = String(answer.body).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return { ...answer, body: Buffer.from(`${escaped}\n`) };
}
