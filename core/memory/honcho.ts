/** Honcho (honcho.dev, API v3 by @honcho-ai/sdk 2.5.0): learns about a person from what was said, and answers from it. */
import { createHash } from "node:crypto";
import type { Honcho } from "@honcho-ai/sdk";
import { refused } from "../base/errors.ts";
import { missingSettings, type Settings } from "../base/settings.ts";
import { externalLimits } from "./external.ts";
import type { Exchange, MemoryProvider, MemoryProviderKind, Remembered } from "./provider.ts";

const specs = [
  {
    name: "HONCHO_API_KEY",
    required: true,
    secret: true,
    help: "Key of Honcho, the external memory (app.honcho.dev, API Keys)",
  },
  {
    name: "HONCHO_WORKSPACE",
    required: false,
    secret: false,
    help: "Workspace in Honcho (letters, digits, - and _). Default: talaria",
  },
  {
    name: "HONCHO_URL",
    required: false,
    secret: false,
    help: "Where Honcho runs, when you run it yourself. Default: the service",
  },
] as const;

/** Honcho takes no more in one message (25,000 characters, docs.honcho.dev). */
const maxMessageChars = 24_000;
/** What is asked back: enough for a page of a prompt. */
const maxConclusions = 20;
/** Longer questions find nothing better. */
const maxQueryChars = 1_000;

/** A name that Honcho takes: distinct by its hash, so that no two persons or profiles meet in one peer. */
const peerId = (kind: "person" | "agent", ...parts: string[]): string =>
  `${kind}-${createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32)}`;

const sessionId = ({ profile, owner, session }: Remembered): string =>
  `session-${createHash("sha256")
    .update(JSON.stringify([profile, owner, session]))
    .digest("hex")
    .slice(0, 32)}`;

const cut = (text: string): string => (text.length > maxMessageChars ? `${text.slice(0, maxMessageChars)} …` : text);

export const honcho: MemoryProviderKind = {
  name: "honcho",
  settings: specs,
  async connect(settings) {
    const missing = missingSettings(specs, settings);
    if (missing.length > 0) throw refused(`Honcho needs ${missing.join(", ")}.`, { code: "memory.honcho" });
    return openHoncho(settings);
  },
};

/** A client that failed once keeps that failure (it remembers the workspace it could not open), so it is made anew. */
function openHoncho(settings: Settings): MemoryProvider {
  let client: Promise<Honcho> | undefined;

  async function withClient<Value>(use: (honcho: Honcho) => Promise<Value>): Promise<Value> {
    const current = (client ??= newClient(settings));
    try {
      return await use(await current);
    } catch (error) {
      if (client === current) client = undefined;
      throw error;
    }
  }

  const prefetch: MemoryProvider["prefetch"] = (message, { profile, owner }) =>
    withClient(async (honcho) => {
      const person = await honcho.peer(peerId("person", profile, owner));
      const searchQuery = message.trim().slice(0, maxQueryChars);
      const context = await person.context({ ...(searchQuery !== "" && { searchQuery }), maxConclusions });
      return [...(context.peerCard ?? []), context.representation ?? ""]
        .filter((part) => part.trim() !== "")
        .join("\n");
    });

  return { prefetch, sync: (exchange) => withClient((honcho) => save(honcho, exchange)) };
}

/** Honcho draws its conclusions from the session's messages, about the person alone. */
async function save(honcho: Honcho, exchange: Exchange): Promise<void> {
  const person = await honcho.peer(peerId("person", exchange.profile, exchange.owner));
  const agent = await honcho.peer(peerId("agent", exchange.profile));
  const session = await honcho.session(sessionId(exchange), {
    peers: [
      [person, { observeMe: true, observeOthers: false }],
      [agent, { observeMe: false, observeOthers: false }],
    ],
  });
  // A turn that was handed over before a crash is there already.
  const known = await session.messages({ filters: { metadata: { turn: exchange.turn } }, size: 1 });
  if (known.items.length > 0) return;
  const options = { metadata: { turn: exchange.turn }, createdAt: new Date(exchange.at).toISOString() };
  const messages = [
    ...(exchange.said.trim() === "" ? [] : [person.message(cut(exchange.said), options)]),
    ...(exchange.answered.trim() === "" ? [] : [agent.message(cut(exchange.answered), options)]),
  ];
  if (messages.length > 0) await session.addMessages(messages);
}

/** Every option is given, because the client would look for missing ones in the environment. */
async function newClient(settings: Settings): Promise<Honcho> {
  const { Honcho } = await import("@honcho-ai/sdk");
  return new Honcho({
    apiKey: settings["HONCHO_API_KEY"] ?? "",
    baseURL: settings["HONCHO_URL"] || "https://api.honcho.dev",
    workspaceId: settings["HONCHO_WORKSPACE"] || "talaria",
    timeout: externalLimits.syncMs,
    maxRetries: 0,
  });
}
