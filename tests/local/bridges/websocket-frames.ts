import type { Duplex } from "node:stream";

/** https://www.rfc-editor.org/rfc/rfc6455#section-5.2; frames of this test's size only: no fragments, under 64 KiB. */
const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

interface Frame {
  opcode: number;
  payload: Buffer;
  /** Bytes of the whole frame. */
  length: number;
}

/** A server's frame, which is not masked. */
function frame(opcode: number, payload: Buffer): Buffer {
  const size = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...size]), payload]);
}

export const textFrame = (text: string): Buffer => frame(opcodes.text, Buffer.from(text));

/** The first frame of a client, which is masked; undefined when it is not complete. */
function firstFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 6) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const start = short === 126 ? 4 : 2;
  const size = short === 126 ? bytes.readUInt16BE(2) : short;
  const length = start + 4 + size;
  if (bytes.length < length) return undefined;
  const mask = bytes.subarray(start, start + 4);
  const payload = Buffer.from(bytes.subarray(start + 4, length).map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
  return { opcode: bytes.readUInt8(0) & 0x0f, payload, length };
}

/** Hands on a client's texts, answers its pings and closes with it. */
export function readFrames(socket: Duplex, onText: (text: string) => void): void {
  let pending = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (let next = firstFrame(pending); next; next = firstFrame(pending)) {
      pending = pending.subarray(next.length);
      if (next.opcode === opcodes.text) onText(next.payload.toString("utf8"));
      if (next.opcode === opcodes.ping) socket.write(frame(opcodes.pong, next.payload));
      if (next.opcode === opcodes.close) socket.end(frame(opcodes.close, next.payload));
    }
  });
}
