import { DeleteObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { type UploadMarkers, uploadFrom } from './import-upload-markers.ts';
import { createS3Client, type S3Settings, unavailable } from './s3-client.ts';
import type { Upload } from './upload-index.ts';

/** Markers as empty objects under `uploads/`. What was listed is deleted when all are rows. */
export class S3UploadMarkers implements UploadMarkers {
  readonly #settings: S3Settings;
  readonly #client: S3Client;
  #listed: string[] = [];

  constructor(settings: S3Settings) {
    this.#settings = settings;
    this.#client = createS3Client(settings);
  }

  async *list(): AsyncGenerator<Upload> {
    this.#listed = [];
    const { bucket: Bucket, prefix } = this.#settings;
    const folder = `${prefix}uploads/`;
    const pages = paginateListObjectsV2({ client: this.#client }, { Bucket, Prefix: folder })[Symbol.asyncIterator]();
    for (;;) {
      const page = await this.#send('list its uploads', () => pages.next());
      if (page.done === true) return;
      for (const { Key = '', LastModified } of page.value.Contents ?? []) {
        const upload = uploadFrom(Key.slice(folder.length));
        if (upload === null || LastModified === undefined) continue;
        this.#listed.push(Key);
        yield { ...upload, addedAt: LastModified };
      }
    }
  }

  async drop(): Promise<void> {
    for (const Key of this.#listed) {
      const command = new DeleteObjectCommand({ Bucket: this.#settings.bucket, Key });
      await this.#send('remove a marker', (options) => this.#client.send(command, options));
    }
  }

  async #send<Answer>(what: string, send: (options: { abortSignal: AbortSignal }) => Promise<Answer>): Promise<Answer> {
    try {
      return await send({ abortSignal: AbortSignal.timeout(this.#settings.timeoutMs) });
    } catch (error) {
      throw unavailable(what, error);
    }
  }
}
