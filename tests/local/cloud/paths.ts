import { join } from "node:path";

/** Where the functions of the tests are. */
export const functionsFolder = join(import.meta.dirname, "functions");
