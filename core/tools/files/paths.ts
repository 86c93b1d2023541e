import { posix } from "node:path";

/** Where secrets live, and where our own state does. A template of an env file holds none. */
const sensitive: readonly RegExp[] = [
  /(^|\/)\.(ssh|aws|gnupg|kube|azure|docker|talaria)(\/|$)/,
  /(^|\/)\.config\/(gcloud|gh)(\/|$)/,
  /(^|\/)\.env(\.(?!example$|sample$|template$)[^/]*)?$/,
  /(^|\/)\.(netrc|npmrc|pypirc|pgpass|git-credentials)$/,
  /(^|\/)id_(rsa|dsa|ecdsa|ed25519)$/,
  /\.(pem|key|p12|pfx)$/,
];

/** Why this path is not written; `undefined` when it may be. */
export function writeRefusal(path: string): string | undefined {
  const normal = posix.normalize(path).toLowerCase();
  if (!sensitive.some((pattern) => pattern.test(normal))) return undefined;
  return `${path} may hold keys or credentials and is not written. If the person wants it, tell them what to put there.`;
}
