import { maxOutputBytes } from "./shell.ts";

/** Of a bounded text the beginning says what was asked and the end says how it went: 40 % and 60 %. */
export const headShare = 0.4;

/**
 * Collects a script's output in bounded memory: the first 40 % and the last 60 % of `limitBytes`.
 * However much is pushed, it holds two buffers of that size altogether.
 */
export class OutputWindow {
  readonly #head: Ring;
  readonly #tail: Ring;
  readonly #headBytes: number;
  #totalBytes = 0;

  constructor(limitBytes: number = maxOutputBytes) {
    this.#headBytes = Math.floor(limitBytes * headShare);
    this.#head = new Ring(this.#headBytes);
    this.#tail = new Ring(limitBytes - this.#headBytes);
  }

  push(chunk: Uint8Array): void {
    const room = Math.max(0, this.#headBytes - this.#totalBytes);
    this.#totalBytes += chunk.length;
    if (room > 0) this.#head.push(chunk.subarray(0, room));
    if (chunk.length > room) this.#tail.push(chunk.subarray(room));
  }

  /** Bytes that are not UTF-8 come out as U+FFFD; a character that the gap cuts in two is left out. */
  read(): { output: string; droppedBytes: number } {
    const head = this.#head.bytes();
    const tail = this.#tail.bytes();
    const droppedBytes = this.#totalBytes - head.length - tail.length;
    if (droppedBytes === 0) return { output: Buffer.concat([head, tail]).toString("utf8"), droppedBytes };
    // In streaming mode the decoder keeps back a character whose end is missing.
    const start = new TextDecoder("utf-8", { ignoreBOM: true }).decode(head, { stream: true });
    return { output: start + tail.subarray(continuationBytes(tail)).toString("utf8"), droppedBytes };
  }
}

/** How many bytes at the beginning belong to a character whose start is missing (UTF-8: 10xxxxxx, at most three). */
function continuationBytes(bytes: Uint8Array): number {
  let count = 0;
  while (count < 3 && ((bytes[count] ?? 0) & 0xc0) === 0x80) count += 1;
  return count;
}

/** The last `capacity` bytes of what was pushed; memory is taken when the first byte comes, then never again. */
class Ring {
  readonly #capacity: number;
  #buffer: Buffer | undefined;
  #end = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(chunk: Uint8Array): void {
    if (this.#capacity === 0) return;
    this.#buffer ??= Buffer.allocUnsafe(this.#capacity);
    const kept = chunk.subarray(Math.max(0, chunk.length - this.#capacity));
    const first = kept.subarray(0, this.#capacity - this.#end);
    this.#buffer.set(first, this.#end);
    this.#buffer.set(kept.subarray(first.length), 0);
    this.#end = (this.#end + kept.length) % this.#capacity;
    this.#length = Math.min(this.#capacity, this.#length + kept.length);
  }

  bytes(): Buffer {
    if (this.#buffer === undefined) return Buffer.alloc(0);
    if (this.#length < this.#capacity) return this.#buffer.subarray(0, this.#length);
    return Buffer.concat([this.#buffer.subarray(this.#end), this.#buffer.subarray(0, this.#end)]);
  }
}
