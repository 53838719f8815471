import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { createS3Client, isNotFound, type S3Settings, unavailable } from './s3-client.ts';
import { beyondLimits, type PrunedSegments, type SegmentLimits, type SegmentStore } from './segment-store.ts';

/** Pieces as objects `segments/ab/<key>` beside the assets. How long one was not used is how long ago it was put. */
export class S3SegmentStore implements SegmentStore {
  readonly #settings: S3Settings;
  readonly #client: S3Client;

  constructor(settings: S3Settings) {
    this.#settings = settings;
    this.#client = createS3Client(settings);
  }

  async take(key: string, file: string): Promise<boolean> {
    const found = await this.#get(key);
    if (found === null) return false;
    if (hashOf(found.content) !== found.sha256) {
      await this.remove(key);
      return false;
    }
    await writeFile(file, found.content);
    return true;
  }

  /** In one request: a piece is some megabytes, and one that breaks off leaves nothing behind. */
  async add(key: string, file: string): Promise<void> {
    const content = await readFile(file);
    const command = new PutObjectCommand({
      ...this.#at(key),
      Body: content,
      ContentType: 'application/octet-stream',
      Metadata: { sha256: hashOf(content) },
    });
    await this.#client.send(command).catch((error: unknown) => {
      throw unavailable('keep a segment', error);
    });
  }

  async remove(key: string): Promise<void> {
    await this.#delete(this.#at(key).Key);
  }

  async prune(limits: SegmentLimits): Promise<PrunedSegments> {
    const gone = beyondLimits(await this.#all(), limits);
    if (limits.dryRun !== true) for (const { objectKey } of gone) await this.#delete(objectKey);
    return { segments: gone.length, bytes: gone.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
  }

  async #get(key: string): Promise<{ content: Uint8Array; sha256: string | undefined } | null> {
    try {
      const { Body, Metadata } = await this.#client.send(new GetObjectCommand(this.#at(key)));
      return Body === undefined ? null : { content: await Body.transformToByteArray(), sha256: Metadata?.['sha256'] };
    } catch (error) {
      if (isNotFound(error)) return null;
      throw unavailable('give a segment', error);
    }
  }

  async #delete(objectKey: string): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.#settings.bucket, Key: objectKey });
    await this.#client.send(command).catch((error: unknown) => {
      throw unavailable('remove a segment', error);
    });
  }

  async #all(): Promise<{ objectKey: string; usedAt: Date; sizeBytes: number }[]> {
    const { bucket: Bucket, prefix } = this.#settings;
    const pieces: { objectKey: string; usedAt: Date; sizeBytes: number }[] = [];
    try {
      const pages = paginateListObjectsV2({ client: this.#client }, { Bucket, Prefix: `${prefix}segments/` });
      for await (const { Contents = [] } of pages)
        for (const { Key, Size = 0, LastModified } of Contents)
          if (Key !== undefined && LastModified !== undefined)
            pieces.push({ objectKey: Key, usedAt: LastModified, sizeBytes: Size });
    } catch (error) {
      throw unavailable('list its segments', error);
    }
    return pieces;
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#settings.bucket, Key: `${this.#settings.prefix}segments/${key.slice(0, 2)}/${key}` };
  }
}

const hashOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
