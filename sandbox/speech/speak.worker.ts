import load, { type EspeakWorker } from '@echogarden/espeak-ng-emscripten';

import { answerOrders } from '../worker-loop.ts';
import type { SpeechOrder, Spoken } from './speaker.ts';
import { timeTokens, type EspeakEvent } from './timings.ts';
import { normalized, resample, toPcm } from './waveform.ts';

const ESPEAK_HZ = 22_050;
/** Mandarin at this rate speaks a little over four characters a second. */
const WORDS_PER_MINUTE = 185;
/** What espeak itself can do. */
const SLOWEST = 80;
const FASTEST = 450;
const HAN = /\p{Script=Han}/u;

answerOrders<SpeechOrder, Spoken>(async (order) => {
  // espeak carries state (its noise, its pitch) from one text to the next: only a fresh one says the same every time.
  const { eSpeakNGWorker } = await load();
  const espeak = await new eSpeakNGWorker();
  const variant = order.gender === 'female' ? 'f2' : 'm3';
  espeak.set_voice(`${HAN.test(order.text) ? 'cmn' : 'en'}+${variant}`);
  espeak.set_pitch(order.gender === 'female' ? 55 : 45);
  espeak.set_rate(Math.round(Math.max(SLOWEST, Math.min(FASTEST, WORDS_PER_MINUTE * order.speed))));
  const { samples, events } = synthesize(espeak, order.text);
  const totalMs = (samples.length * 1000) / ESPEAK_HZ;
  return {
    pcm: new Uint8Array(toPcm(resample(normalized(samples, order.gain), ESPEAK_HZ, order.sampleRate))),
    durationMs: totalMs,
    tokens: timeTokens(order.text, events, totalMs),
  };
});

function synthesize(espeak: EspeakWorker, text: string): { samples: Int16Array; events: EspeakEvent[] } {
  const pieces: Int16Array[] = [];
  const events: EspeakEvent[] = [];
  espeak.synthesize(text, (audio, newEvents) => {
    // Both live in espeak's memory and are gone after the callback.
    if (audio) pieces.push(audio.slice());
    for (const { type, text_position, audio_position, id } of newEvents) {
      events.push({ type, text_position, audio_position, id });
    }
    return 0;
  });
  const samples = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  return { samples, events };
}
