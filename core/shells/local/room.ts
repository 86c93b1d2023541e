import { statfs } from "node:fs/promises";

/** What is left on a volume. */
export interface Room {
  bytes: number;
  totalBytes: number;
  /** Files and folders that can still be made; absent on file systems without such a limit. */
  files: number | undefined;
  totalFiles: number;
}

export async function roomOn(folder: string): Promise<Room> {
  const { bsize, blocks, bavail, files, ffree } = await statfs(folder);
  return { bytes: bavail * bsize, totalBytes: blocks * bsize, files: files > 0 ? ffree : undefined, totalFiles: files };
}

const reserveShare = 0.1;
/** Enough for minutes of the agent's own state, and for what a fast disk takes between two looks. */
export const mostReservedBytes = 512 * 1024 ** 2;
export const mostReservedFiles = 20_000;

/** What is kept free for the agent itself. */
export const reserveOf = ({ totalBytes, totalFiles }: Room): { bytes: number; files: number } => ({
  bytes: Math.min(mostReservedBytes, totalBytes * reserveShare),
  files: Math.min(mostReservedFiles, totalFiles * reserveShare),
});

/** How much of the reserve is left: 1 and more when it was not touched. */
export function shareOfReserve(room: Room): number {
  const reserve = reserveOf(room);
  const files = room.files === undefined ? Infinity : room.files / reserve.files;
  return Math.min(room.bytes / reserve.bytes, files);
}

/** A disk in memory takes so much in a second at most, and so many new files. */
const fastest = { bytes: 2e9, files: 5e5 };

/** The shortest time in which a script could come to the reserve, in milliseconds. */
export function msToReserve(room: Room): number {
  const reserve = reserveOf(room);
  const bytesMs = ((room.bytes - reserve.bytes) / fastest.bytes) * 1_000;
  const filesMs = (((room.files ?? Infinity) - reserve.files) / fastest.files) * 1_000;
  return Math.max(0, Math.min(bytesMs, filesMs));
}

/** For people: which limit it is, and how much is left. */
export function roomText(room: Room): string {
  const reserve = reserveOf(room);
  const isFiles = room.files !== undefined && room.files / reserve.files < room.bytes / reserve.bytes;
  if (isFiles)
    return `${room.files} of ${room.totalFiles} files can still be made, and ${Math.ceil(reserve.files)} are kept for the agent's own state`;
  return `${megabytes(room.bytes)} of ${megabytes(room.totalBytes)} are free, and ${megabytes(reserve.bytes)} are kept for the agent's own state`;
}

const megabytes = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(bytes < 10 * 1024 ** 2 ? 1 : 0)} MB`;
