import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { text } from "node:stream/consumers";
import { createZstdCompress, createZstdDecompress } from "node:zlib";
import { exitCodeOf, spawnAsUser, type Account } from "./user.ts";

/** S3 says nothing for that long: the transfer is given up, and tried again later. */
const silenceMs = 60_000;

/** One code of tar's is no failure: a file changed while it was read, or went away. */
const tarChanged = 1;

/**
 * The home as a tar, compressed by zstd, put to a presigned URL. S3 wants to know its length beforehand, so it goes
 * through a file. Programs of ours run as the user: nothing in the home can make them do what the user could not.
 */
export async function saveArchive(account: Account, url: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "talaria-save-"));
  try {
    const file = join(folder, "home.tar.zst");
    const tar = spawnAsUser(account, ["tar", "--create", "--ignore-failed-read", "."], ["ignore", "pipe", "ignore"]);
    const ended = exitCodeOf(tar);
    await Promise.all([pipeline(tar.stdout as Readable, createZstdCompress(), createWriteStream(file)), ended]);
    if ((await ended) > tarChanged) throw new Error(`tar ended with ${await ended}`);
    await put(url, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function put(url: string, file: string): Promise<void> {
  const { size } = await stat(file);
  const answer = await exchange(url, "PUT", { "content-length": String(size) }, createReadStream(file));
  const said = await text(answer);
  if (answer.statusCode !== 200) throw new Error(`the archive was refused: ${answer.statusCode} ${reasonIn(said)}`);
}

/** @returns when it was saved, or `undefined` when there is no such archive. Throws on every other trouble. */
export async function restoreArchive(account: Account, url: string): Promise<string | undefined> {
  const answer = await exchange(url, "GET", {});
  if (answer.statusCode !== 200) {
    const said = await text(answer);
    if (isMissing(answer.statusCode, said)) return undefined;
    throw new Error(`the archive cannot be read: ${answer.statusCode} ${reasonIn(said)}`);
  }
  const tar = spawnAsUser(account, ["sh", "-c", extract], ["pipe", "ignore", "ignore"]);
  const ended = exitCodeOf(tar);
  await Promise.all([pipeline(answer, createZstdDecompress(), tar.stdin as Writable), ended]);
  // 1 is no success here: it says that something was not extracted.
  if ((await ended) !== 0) throw new Error(`tar ended with ${await ended}`);
  return answer.headers["last-modified"] ?? "an unknown time";
}

/** Tar leaves the padding at an archive's end unread, and whoever still writes it would see a broken pipe. */
const extract = "tar --extract --preserve-permissions && cat > /dev/null";

/** Without the right to list a bucket, S3 answers 403 for what is not there (S3 API, GetObject). */
const isMissing = (status: number | undefined, said: string) =>
  status === 404 || (status === 403 && said.includes("AccessDenied") && !/expired/i.test(said));

/** S3's word for it; its longer message could hold the URL, which is a key. */
const reasonIn = (said: string): string => /<Code>(\w+)<\/Code>/.exec(said)?.[1] ?? "";

function exchange(url: string, method: string, headers: Record<string, string>, body?: Readable) {
  const request = url.startsWith("https:") ? requestHttps : requestHttp;
  return new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(url, { method, headers, timeout: silenceMs });
    outgoing.once("response", resolve);
    outgoing.once("error", reject);
    outgoing.once("timeout", () => outgoing.destroy(new Error("the archive's store says nothing")));
    if (body) pipeline(body, outgoing).catch(reject);
    else outgoing.end();
  });
}
