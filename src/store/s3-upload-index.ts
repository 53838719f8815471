import { DeleteObjectCommand, PutObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { createS3Client, type S3Settings, unavailable } from './s3-client.ts';
import { markerOf, tenantFolder, type Upload, type UploadIndex, uploadFrom } from './upload-index.ts';

/** Markers as empty objects: `uploads/<tenant>/<sha256>.<size>`; a thousand are one request to count. */
export class S3UploadIndex implements UploadIndex {
  readonly #settings: S3Settings;
  readonly #client: S3Client;
  readonly #folder: string;

  constructor(settings: S3Settings) {
    this.#settings = settings;
    this.#client = createS3Client(settings);
    this.#folder = `${settings.prefix}uploads/`;
  }

  async add(upload: Upload): Promise<boolean> {
    for await (const _known of this.#markers(markerOf(upload))) return false;
    const key = { Bucket: this.#settings.bucket, Key: this.#folder + markerOf(upload) };
    await this.#send('note an upload', (options) =>
      this.#client.send(new PutObjectCommand({ ...key, Body: Buffer.alloc(0) }), options),
    );
    return true;
  }

  async remove({ tenant, sha256 }: { tenant: string; sha256: string }): Promise<boolean> {
    let found = false;
    for await (const { key } of this.#markers(`${tenantFolder(tenant)}${sha256}.`)) {
      const command = new DeleteObjectCommand({ Bucket: this.#settings.bucket, Key: key });
      await this.#send('forget an upload', (options) => this.#client.send(command, options));
      found = true;
    }
    return found;
  }

  async *list(tenant?: string): AsyncGenerator<Upload & { addedAt: Date }> {
    for await (const { key, addedAt } of this.#markers(tenant === undefined ? '' : tenantFolder(tenant))) {
      const upload = uploadFrom(key.slice(this.#folder.length));
      if (upload !== null) yield { ...upload, addedAt };
    }
  }

  async *#markers(prefix: string): AsyncGenerator<{ key: string; addedAt: Date }> {
    const { bucket: Bucket } = this.#settings;
    const pages = paginateListObjectsV2({ client: this.#client }, { Bucket, Prefix: this.#folder + prefix })[
      Symbol.asyncIterator
    ]();
    for (;;) {
      const page = await this.#send('list its uploads', () => pages.next());
      if (page.done === true) return;
      for (const { Key, LastModified } of page.value.Contents ?? [])
        if (Key !== undefined && LastModified !== undefined) yield { key: Key, addedAt: LastModified };
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
