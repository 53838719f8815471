import { pathToFileURL } from 'node:url';
import path from 'node:path';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { ValueError } from '@temporalio/common';

/** No payload is larger: what is large is stored, and travels as an AssetRef. Temporal itself warns at 256 KiB. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;

/** Refuses what must not travel, before anything encrypts or compresses it. */
class PayloadLimit implements PayloadCodec {
  async encode(payloads: Payload[]): Promise<Payload[]> {
    for (const payload of payloads) {
      const size = payload.data?.byteLength ?? 0;
      if (size > MAX_PAYLOAD_BYTES) {
        throw new ValueError(
          `A payload of ${size} bytes is over the limit of ${MAX_PAYLOAD_BYTES}: store it and pass an AssetRef`,
        );
      }
    }
    return payloads;
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads;
  }
}

/**
 * The one data converter of clients and workers. `PAYLOAD_CODEC_MODULE` names a module whose default export is a list
 * of codecs (encryption, say), so that what people wrote can be kept from whoever reads histories.
 */
export async function createDataConverter(codecModule: string | null): Promise<DataConverter> {
  const extra = codecModule === null ? [] : await loadCodecs(codecModule);
  // Temporal encodes with the first codec first, so the limit sees plain sizes and the wire carries coded ones.
  return { payloadCodecs: [new PayloadLimit(), ...extra] };
}

async function loadCodecs(codecModule: string): Promise<PayloadCodec[]> {
  const loaded = (await import(pathToFileURL(path.resolve(codecModule)).href)) as { default?: unknown };
  if (!Array.isArray(loaded.default))
    throw new ValueError('PAYLOAD_CODEC_MODULE must export a list of payload codecs by default');
  return loaded.default as PayloadCodec[];
}
