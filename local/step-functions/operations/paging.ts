import { ServiceException } from "../errors.ts";
import { parseJson } from "../../../core/base/json.ts";

/** An opaque token for the next page. */
export const writeToken = (position: unknown): string => Buffer.from(JSON.stringify(position)).toString("base64url");

/** The position in a token, undefined without one; throws InvalidToken. */
export function readToken(token: string | undefined): unknown {
  if (token === undefined) return undefined;
  const position = parseJson(Buffer.from(token, "base64url").toString("utf8"));
  if (position === undefined) throw new ServiceException("InvalidToken", "Invalid Token: 'Invalid token'");
  return position;
}
