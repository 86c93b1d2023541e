import * as z from "zod";
import type { Settings } from "../base/settings.ts";
import type { Place } from "../conversation/place.ts";
import { messages, optional, payloadSchema, readJson, saysSomething, silence, unreadable } from "./kit/body.ts";
import { accepted, isEqualSecret, rejected } from "./kit/signature.ts";
import type { Mailbox } from "./mailbox.ts";
import { definePlatform, type Button, type Outbound, type Parsed, type RawRequest, type Verdict } from "./platform.ts";

const tokenName = "TALARIA_WEB_TOKEN";

/**
 * Our own clients: the web page and the terminal chat. They post a message and fetch the letters of its reply; whoever
 * holds the token is the owner.
 */
export const web = definePlatform({
  name: "web",
  settings: [
    {
      name: tokenName,
      required: true,
      secret: true,
      help: "Opens the web chat and the terminal chat; npm start makes one and keeps it in the data folder",
    },
  ],
  limits: { maxLength: 100_000, unit: "utf16", maxButtons: 12, minEditIntervalMs: 400 },
  promptHint: "The reply is shown on a web page, or as plain text in a terminal. Markdown works.",
  idempotency: "key",
  trusted: true,
  verify,
  parse: (request) => (request.method === "GET" ? parseFetch(request) : parseMessage(request)),
  render: (markdown) => markdown,
  connect: (_settings, { mailbox }) => Promise.resolve(outbound(mailbox)),
});

function verify({ headers }: RawRequest, settings: Settings): Verdict {
  const token = settings[tokenName];
  if (!token) return rejected(`${tokenName} is not set.`);
  const given = /^Bearer +(\S+) *$/i.exec(headers["authorization"] ?? "")?.[1];
  if (given === undefined) return rejected("The header “Authorization: Bearer …” with the token is missing.");
  return isEqualSecret(given, token) ? accepted : rejected("The token is not the one of this agent.");
}

const chatSchema = z.string().min(1).max(200);

const messageSchema = z
  .object({
    chat: chatSchema,
    text: z.string().max(100_000).default(""),
    /** The payload of a button of a letter: its label is then the text. */
    pressed: payloadSchema.optional(),
    /** Made by the client, once per message: a retry after a lost answer is the same message. Tells the order, too. */
    id: z.uuidv7("must be a UUID of version 7 (RFC 9562)").toLowerCase(),
    name: z.string().max(200).optional(),
  })
  .refine(saysSomething, silence);

const parseMessage = (request: RawRequest): Parsed =>
  readJson(request, messageSchema, ({ chat, text, pressed, id, name }) =>
    messages({
      key: id,
      place: { platform: "web", chat, kind: "direct", replyTo: id },
      sender: { id: "owner", ...optional("name", name) },
      text,
      ...optional("pressed", pressed),
      sentAt: timeOf(id),
      order: id,
    }),
  );

/** RFC 9562, 5.7: the first 48 bits are the milliseconds since 1970. */
const timeOf = (uuid: string): number => Number.parseInt(uuid.replaceAll("-", "").slice(0, 12), 16);

/** Milliseconds since 1970 in fifteen digits. */
const maxVersion = 999_999_999_999_999;

const fetchSchema = z.object({ chat: chatSchema, after: z.coerce.number().int().min(0).max(maxVersion).default(0) });

function parseFetch({ query }: RawRequest): Parsed {
  const result = fetchSchema.safeParse(query);
  if (result.success) return { kind: "mailbox", ...result.data };
  const issue = result.error.issues[0];
  return unreadable(`The query is not as documented: ${issue?.path.join(".") ?? "query"}: ${issue?.message}.`);
}

/** What a reply ends with while it is written (core/turn/draft.ts); a fence that is open is closed after it. */
const cursor = / ▌(?:\n[ \t>]*(?:`{3,}|~{3,}))?$/;

function outbound(mailbox: Mailbox): Outbound {
  const write = ({ chat, replyTo }: Place, id: string, rendered: string, buttons: readonly Button[]) =>
    mailbox.put(chat, {
      id,
      text: rendered.replace(cursor, ""),
      final: !cursor.test(rendered),
      ...optional("replyTo", replyTo),
      ...(buttons.length > 0 && { buttons }),
    });
  return {
    async send(place, rendered, { idempotencyKey, buttons = [] }) {
      await write(place, idempotencyKey, rendered, buttons);
      return { id: idempotencyKey };
    },
    edit: (place, id, rendered) => write(place, id, rendered, []),
  };
}
