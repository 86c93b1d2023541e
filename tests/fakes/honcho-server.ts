/** Honcho's API v3 as @honcho-ai/sdk 2.5.0 calls it: workspaces, peers, sessions, messages, and what it knows of a peer. */
import { type Answer, type Call, type FakeServer, startFakeServer } from "./platform-server.ts";

export const honchoKey = "hch-of-the-tests";

interface Message {
  id: string;
  content: string;
  peer_id: string;
  session_id: string;
  metadata: Record<string, unknown>;
}

interface PeerConfig {
  observe_me?: boolean;
  observe_others?: boolean;
}

export interface FakeHoncho extends FakeServer {
  messages: Message[];
  /** Peers by the session that they are in. */
  sessions: Map<string, Record<string, PeerConfig>>;
  /** Answers of this operation do not come before `release` is called. */
  hold(operation: string): { release(): void };
}

const createdAt = "2026-01-02T12:00:00Z";

/** For example "POST peers" or "GET context": the last word of the path that is no id. */
function operationOf(method: string, path: string): string {
  const words = new URL(path, "http://honcho").pathname.split("/").filter((word) => word !== "");
  const names = new Set(["workspaces", "peers", "sessions", "messages", "context", "list"]);
  return `${method} ${words.findLast((word) => names.has(word)) ?? "unknown"}`;
}

export async function startFakeHoncho(): Promise<FakeHoncho> {
  const messages: Message[] = [];
  const sessions: FakeHoncho["sessions"] = new Map();
  const peers = new Set<string>();
  const held = new Map<string, Promise<void>>();

  const post = (call: Call, body: Record<string, never>): Answer => {
    const [, , workspace, , session = ""] = new URL(call.path, "http://honcho").pathname.split("/").slice(1);
    const common = { workspace_id: workspace, metadata: {}, configuration: {}, created_at: createdAt };
    switch (call.operation) {
      case "POST workspaces":
        return { status: 200, body: { ...common, id: body["id"] } };
      case "POST peers":
        peers.add(body["id"] ?? "");
        return { status: 200, body: { ...common, id: body["id"] } };
      case "POST sessions":
        sessions.set(body["id"] ?? "", body["peers"] ?? {});
        return { status: 200, body: { ...common, id: body["id"], is_active: true } };
      case "POST list": {
        const turn = (body["filters"]?.["metadata"] as Record<string, unknown> | undefined)?.["turn"];
        const found = messages.filter((message) => message.session_id === session && message.metadata["turn"] === turn);
        const items = found.map((message) => ({
          ...message,
          workspace_id: workspace,
          created_at: createdAt,
          token_count: 1,
        }));
        return { status: 200, body: { items, total: items.length, page: 1, size: 1, pages: 1 } };
      }
      case "POST messages": {
        const given: Message[] = body["messages"] ?? [];
        const stranger = given.find(({ peer_id: peer }) => !peers.has(peer));
        if (stranger || !sessions.has(session)) return { status: 404, body: { detail: "no such peer or session" } };
        const added = given.map((message, at) => ({ ...message, id: `m${messages.length + at}`, session_id: session }));
        messages.push(...added);
        return {
          status: 201,
          body: added.map((message) => ({
            ...message,
            workspace_id: workspace,
            created_at: createdAt,
            token_count: 1,
          })),
        };
      }
      default:
        return { status: 404, body: { detail: `no ${call.operation}` } };
    }
  };

  /** What it concluded of a peer: here, what the peer said. */
  const context = (call: Call): Answer => {
    const peer = new URL(call.path, "http://honcho").pathname.split("/")[5] ?? "";
    if (!peers.has(peer)) return { status: 404, body: { detail: "no such peer" } };
    const said = messages.filter(({ peer_id: speaker }) => speaker === peer).map(({ content }) => `- ${content}`);
    const body = { peer_id: peer, target_id: peer, representation: said.join("\n") || null, peer_card: null };
    return { status: 200, body };
  };

  const server = await startFakeServer({
    operationOf,
    async answer(call) {
      await held.get(call.operation);
      if (call.headers["authorization"] !== `Bearer ${honchoKey}`) return { status: 401, body: { detail: "bad key" } };
      if (call.operation === "GET context") return context(call);
      return post(call, JSON.parse(call.text || "{}") as Record<string, never>);
    },
  });

  return {
    ...server,
    messages,
    sessions,
    hold(operation) {
      const { promise, resolve } = Promise.withResolvers<void>();
      held.set(operation, promise);
      return {
        release() {
          held.delete(operation);
          resolve();
        },
      };
    },
  };
}
