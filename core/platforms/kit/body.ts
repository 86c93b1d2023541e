import * as z from "zod";
import { parseJson } from "../../base/json.ts";
import type { Inbound } from "../../conversation/inbound.ts";
import type { Parsed, RawRequest, RawResponse } from "../platform.ts";

export const bodyText = (request: RawRequest): string => Buffer.from(request.body).toString("utf8");

/** Reads a JSON body as the schema says and hands it on; anything else is unreadable, with the first reason. */
export function readJson<T>(request: RawRequest, schema: z.ZodType<T>, read: (body: T) => Parsed): Parsed {
  const json = parseJson(bodyText(request));
  if (json === undefined) return unreadable("The body is not JSON.");
  const result = schema.safeParse(json);
  if (result.success) return read(result.data);
  const issue = result.error.issues[0];
  return unreadable(
    `The body is not as documented: ${issue?.path.join(".") || "body"}: ${issue?.message ?? "invalid"}.`,
  );
}

export const unreadable = (reason: string): Parsed => ({ kind: "unreadable", reason });

export const messages = (...list: Inbound[]): Parsed => ({ kind: "messages", messages: list });

/** A message of our own clients says something; only a press may come without its label. */
export const saysSomething = ({ text, pressed }: { text: string; pressed?: string | undefined }): boolean =>
  pressed !== undefined || text.trim() !== "";

export const silence = { path: ["text"], error: "must not be empty" };

/** What a button may bring back: see `Button` in platform.ts. */
export const payloadSchema = z.string().min(1).max(60);

/** The same where the platform wants to read something of its own once they are in. */
export const messagesAnswered = (response: RawResponse, ...list: Inbound[]): Parsed => ({
  kind: "messages",
  messages: list,
  response,
});

/** Understood, and there is nothing to do. */
export const nothing: Parsed = { kind: "messages", messages: [] };

/** The text of a message with media: what it was, then what was written under it. */
export const describedMedia = (description: string, caption: string | undefined): string =>
  caption?.trim() ? `[${description}]\n${caption.trim()}` : `[${description}]`;

/** An optional member that is left out, rather than undefined, when there is no value. */
export const optional = <Name extends string, Value>(name: Name, value: Value | undefined | null | "") =>
  (value === undefined || value === null || value === "" ? {} : { [name]: value }) as { [Key in Name]?: Value };
