import { posix } from "node:path";

/**
 * What calls that may change one and the same file have in common: its own name, since one file can be called by a
 * relative path, an absolute one, or one from the home folder.
 */
export const touchedFile = (path: string): string => posix.basename(posix.normalize(path));
