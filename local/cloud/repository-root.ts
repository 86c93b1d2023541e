import { fileURLToPath } from "node:url";

/** The folder from which the manifest's module paths count. */
export const repositoryRoot = fileURLToPath(new URL("../../", import.meta.url));
