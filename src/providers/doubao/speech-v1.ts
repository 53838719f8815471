import { PermanentError } from '../../domain/errors.ts';
import { parseJson } from '../parse-json.ts';
import { readAnswer, sendPaidPost, unreadableAnswer } from '../paid-post.ts';
import type { SpeechAnswer } from './interfaces.ts';
import {
  MAX_ANSWER_BYTES,
  SAMPLE_RATE,
  speechAnswer,
  type SpeechCall,
  type SpeechAccess,
  speechRefused,
} from './speech-answer.ts';
import { SpeechV1Answer, SpeechV1Frontend } from './wire.ts';
import type { TimedWord } from './word-timings.ts';

const SUCCESS = 3000;
const CLUSTER = 'volcano_tts';

/** V1's limit, in UTF-8: about 340 Chinese characters. A longer text would be refused (3010). */
const MAX_TEXT_BYTES = 1024;

/** V1: the whole audio in one JSON answer. */
export async function synthesizeV1(
  call: SpeechCall,
  { baseUrl, credentials, pool, answerTimeoutMs }: SpeechAccess,
): Promise<SpeechAnswer> {
  if (!('appId' in credentials)) {
    const why = `the voice ${call.voice} is served by speech API V1, which takes no API key`;
    throw new PermanentError('speech_credentials_missing', `${why}: set SPEECH_APP_ID and SPEECH_ACCESS_TOKEN instead`);
  }
  const bytes = Buffer.byteLength(call.text);
  if (bytes > MAX_TEXT_BYTES) {
    const why = `a narration of ${bytes} bytes is too long for the voice ${call.voice} (at most ${MAX_TEXT_BYTES})`;
    throw new PermanentError('narration_too_long_for_voice', why);
  }
  const answer = await sendPaidPost({
    pool,
    provider: 'speech',
    url: `${baseUrl.replace(/\/+$/, '')}/api/v1/tts`,
    // A semicolon: theirs alone.
    headers: { authorization: `Bearer;${credentials.accessToken}` },
    body: v1Body(call, credentials),
    answerTimeoutMs,
  });
  const parsed = SpeechV1Answer.safeParse(parseJson(await readAnswer(answer, MAX_ANSWER_BYTES)));
  if (!parsed.success) throw unreadableAnswer(answer);
  if (parsed.data.code !== SUCCESS) throw speechRefused(answer, 'v1', parsed.data);
  return speechAnswer(answer, {
    pcm: Buffer.from(parsed.data.data ?? '', 'base64'),
    words: wordsOf(parsed.data),
    billedCharacters: null,
    model: CLUSTER,
  });
}

function v1Body(call: SpeechCall, { appId, accessToken }: { appId: string; accessToken: string }): unknown {
  return {
    app: { appid: appId, token: accessToken, cluster: CLUSTER },
    user: { uid: 'mcp-bridge' },
    audio: { voice_type: call.voice, encoding: 'pcm', rate: SAMPLE_RATE },
    request: {
      reqid: call.requestId,
      text: call.text,
      text_type: 'plain',
      operation: 'query',
      ...(call.family === 'small' ? { with_frontend: 1, frontend_type: 'unitTson' } : { with_timestamp: 1 }),
    },
  };
}

/** None when they cannot be read: captions can do without, and the audio is paid for. */
function wordsOf({ addition }: SpeechV1Answer): TimedWord[] {
  const frontend = SpeechV1Frontend.safeParse(parseJson(addition?.frontend ?? ''));
  const words = frontend.success ? (frontend.data.words ?? []) : [];
  return words.map(({ word, start_time: start, end_time: end }) => ({ word, start, end }));
}
