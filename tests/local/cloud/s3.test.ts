import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type PutObjectCommandInput,
} from "@aws-sdk/client-s3";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { peers, type Peer } from "./s3-peers.ts";

const Bucket = "bodies";

describe.each(Object.entries(peers))("S3 as served by %s", (_, start) => {
  let peer: Peer;
  let client: S3Client;

  beforeAll(async () => {
    peer = await start();
    client = new S3Client({ ...peer.settings, forcePathStyle: true, maxAttempts: 1 });
    await client.send(new CreateBucketCommand({ Bucket }));
  });

  afterAll(async () => {
    client.destroy();
    await peer.close();
  });

  const put = (Key: string, Body: PutObjectCommandInput["Body"] = "x", more: Partial<PutObjectCommandInput> = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const get = (Key: string) => client.send(new GetObjectCommand({ Bucket, Key }));
  const textOf = async (Key: string) => (await get(Key)).Body?.transformToString();
  const refusal = (name: string, httpStatusCode: number) =>
    expect.objectContaining({ name, $metadata: expect.objectContaining({ httpStatusCode }) });

  it("knows its bucket and no other", async () => {
    await client.send(new HeadBucketCommand({ Bucket }));
    await expect(client.send(new HeadBucketCommand({ Bucket: "no-such-bucket" }))).rejects.toEqual(
      refusal("NotFound", 404),
    );
    await expect(client.send(new PutObjectCommand({ Bucket: "no-such-bucket", Key: "k", Body: "x" }))).rejects.toEqual(
      refusal("NoSuchBucket", 404),
    );
  });

  it("gives back the body, its type and its metadata", async () => {
    await put("skills/a.md", "hello world", { ContentType: "text/markdown", Metadata: { revision: "3" } });
    const read = await get("skills/a.md");
    expect(await read.Body?.transformToString()).toBe("hello world");
    expect(read).toMatchObject({ ContentType: "text/markdown", ContentLength: 11, Metadata: { revision: "3" } });
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: "skills/a.md" }));
    expect(head).toMatchObject({ ContentLength: 11, ETag: read.ETag, Metadata: { revision: "3" } });
  });

  it("keeps three megabytes of any bytes", async () => {
    const body = randomBytes(3_000_000);
    await put("binary", body);
    const read = await (await get("binary")).Body?.transformToByteArray();
    expect(Buffer.from(read ?? []).equals(body)).toBe(true);
  });

  it("takes a stream, which the SDK sends in chunks with a trailing checksum", async () => {
    await put("stream", Readable.from([Buffer.from("abc"), Buffer.from("def")]), { ContentLength: 6 });
    const read = await get("stream");
    expect(await read.Body?.transformToString()).toBe("abcdef");
    expect(read.ContentEncoding).toBeUndefined();
  });

  it("says that a key is not there", async () => {
    await expect(get("nowhere")).rejects.toEqual(refusal("NoSuchKey", 404));
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: "nowhere" }))).rejects.toEqual(
      refusal("NotFound", 404),
    );
  });

  it.each([
    ["bytes=6-8", "wor", "bytes 6-8/11"],
    ["bytes=6-", "world", "bytes 6-10/11"],
    ["bytes=-3", "rld", "bytes 8-10/11"],
    ["bytes=6-99", "world", "bytes 6-10/11"],
  ])("reads the part %s", async (Range, text, contentRange) => {
    await put("range", "hello world");
    const read = await client.send(new GetObjectCommand({ Bucket, Key: "range", Range }));
    expect(await read.Body?.transformToString()).toBe(text);
    expect(read.ContentRange).toBe(contentRange);
  });

  it("refuses a part beyond the end", async () => {
    await put("range", "hello world");
    await expect(client.send(new GetObjectCommand({ Bucket, Key: "range", Range: "bytes=11-" }))).rejects.toEqual(
      expect.objectContaining({ $metadata: expect.objectContaining({ httpStatusCode: 416 }) }),
    );
  });

  it("lists in key order, in pages, after a key and by folder", async () => {
    const names = Array.from({ length: 25 }, (_, n) => `list/${String(n).padStart(2, "0")}/f.md`);
    await Promise.all(names.map((name) => put(name)));
    const list = (more: object) => client.send(new ListObjectsV2Command({ Bucket, Prefix: "list/", ...more }));
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await list({ MaxKeys: 10, ContinuationToken: token });
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ""));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    expect(keys).toEqual(names);
    expect((await list({ StartAfter: "list/20/f.md" })).KeyCount).toBe(4);
    const folders = await list({ Delimiter: "/" });
    expect(folders.Contents ?? []).toEqual([]);
    expect(folders.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(names.map((name) => name.slice(0, -4)));
  });

  it.each(["ä b+c&d=é.md", "a//b", "quote'\"<>&amp;", "percent%2Ftwice", "question?mark#hash"])(
    "takes the key %s as it is",
    async (name) => {
      const key = `odd/${name}`;
      await put(key, "odd");
      expect(await textOf(key)).toBe("odd");
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: key }));
      expect(Contents.map(({ Key }) => Key)).toEqual([key]);
      await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: key }] } }));
      await expect(get(key)).rejects.toEqual(refusal("NoSuchKey", 404));
    },
  );

  it("answers 304 to a reader who has the object", async () => {
    const { ETag } = await put("cached");
    await expect(client.send(new GetObjectCommand({ Bucket, Key: "cached", IfNoneMatch: ETag }))).rejects.toMatchObject(
      { $metadata: { httpStatusCode: 304 } },
    );
  });

  it("copies with the metadata or with other metadata", async () => {
    await put("copy/from ä", "body", { Metadata: { a: "1" }, ContentType: "text/plain" });
    const CopySource = `${Bucket}/${encodeURIComponent("copy/from ä")}`;
    const head = (Key: string) => client.send(new HeadObjectCommand({ Bucket, Key }));
    await client.send(new CopyObjectCommand({ Bucket, Key: "copy/same", CopySource }));
    expect(await head("copy/same")).toMatchObject({ Metadata: { a: "1" }, ContentType: "text/plain" });
    const other = { MetadataDirective: "REPLACE", Metadata: { b: "2" } } as const;
    await client.send(new CopyObjectCommand({ Bucket, Key: "copy/other", CopySource, ...other }));
    expect((await head("copy/other")).Metadata).toEqual({ b: "2" });
    expect(await textOf("copy/other")).toBe("body");
  });

  it("deletes, and does not mind when there is nothing", async () => {
    await put("gone");
    await client.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
    await expect(get("gone")).rejects.toEqual(refusal("NoSuchKey", 404));
  });
});

/** Fauxqs neither keeps checksums nor heeds the conditions of a write. */
describe("the embedded S3 beyond its peer", () => {
  let peer: Peer;
  let client: S3Client;

  beforeAll(async () => {
    peer = await peers["the embedded cloud"]();
    client = new S3Client({ ...peer.settings, forcePathStyle: true, maxAttempts: 1 });
    await client.send(new CreateBucketCommand({ Bucket }));
  });

  afterAll(() => peer.close());

  const put = (Key: string, Body: string, more: Partial<PutObjectCommandInput> = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const failed = expect.objectContaining({
    name: "PreconditionFailed",
    $metadata: expect.objectContaining({ httpStatusCode: 412 }),
  });

  it("gives back the checksum that the writer sent", async () => {
    await put("sha", "x", { ChecksumAlgorithm: "SHA256" });
    const read = await client.send(new GetObjectCommand({ Bucket, Key: "sha", ChecksumMode: "ENABLED" }));
    expect(read.ChecksumSHA256).toBe("LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=");
  });

  it("creates once under If-None-Match, also among ten contenders", async () => {
    const contenders = Array.from({ length: 10 }, (_, n) => put("create-once", `${n}`, { IfNoneMatch: "*" }));
    const settled = await Promise.allSettled(contenders);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(put("create-once", "late", { IfNoneMatch: "*" })).rejects.toEqual(failed);
  });

  it("swaps under If-Match only what it has seen", async () => {
    const { ETag } = await put("swap", "v1");
    await put("swap", "v2", { IfMatch: ETag });
    await expect(put("swap", "v3", { IfMatch: ETag })).rejects.toEqual(failed);
    const read = await client.send(new GetObjectCommand({ Bucket, Key: "swap" }));
    expect(await read.Body?.transformToString()).toBe("v2");
  });

  it.each([{ ChecksumCRC32: "AAAAAA==" }, { ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" }])(
    "refuses a body that does not fit %o",
    async (checksum) => {
      const putting = client.send(new PutObjectCommand({ Bucket, Key: "bad", Body: "x", ...checksum }));
      await expect(putting).rejects.toMatchObject({ name: "BadDigest" });
    },
  );

  it("finds its way without path style, since the address is a number", async () => {
    const plain = new S3Client(peer.settings);
    await plain.send(new PutObjectCommand({ Bucket, Key: "plain", Body: "x" }));
    const read = await plain.send(new GetObjectCommand({ Bucket, Key: "plain" }));
    expect(await read.Body?.transformToString()).toBe("x");
  });

  it("keeps dots in a key", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "a/../b/./c", Body: "dots" }));
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "a/" }));
    expect(Contents.map(({ Key }) => Key)).toEqual(["a/../b/./c"]);
  });
});
