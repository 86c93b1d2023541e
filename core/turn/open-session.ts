import { createHash } from "node:crypto";
import type { Inbound } from "../conversation/inbound.ts";
import type { Session } from "../conversation/session.ts";
import { ownerOf, profileOf } from "../gateway/conversation-key.ts";
import { buildPrompt } from "../agent/prompt.ts";
import type { ThreatScan } from "../guard/threats/rule.ts";
import { skillIndex } from "../skills/index-text.ts";
import { toolDefinition } from "../tools/tool.ts";
import type { Turn } from "./load.ts";
import type { TurnPorts } from "./ports.ts";

/** Begins a session with its first message: its prompt and tools are frozen here. */
export async function openSession(
  { input, follows, earlier }: Turn,
  first: Inbound,
  ports: TurnPorts,
): Promise<Session> {
  const profile = profileOf(input.conversation);
  const owner = ownerOf(input.conversation, first.place, first.sender.id);
  const learner = { profile, owner, session: input.session, turn: input.turn };
  const books = ports.notebooks(learner);
  const [soul, memory, user, skills, shell, { platform }, { name: model }, { threatIn }] = await Promise.all([
    ports.soul(profile),
    books.memory.read(),
    books.user.read(),
    ports.skills(learner).list(),
    ports.shell(),
    ports.channel(first.place),
    ports.model(),
    import("../guard/threats.ts"),
  ]);
  const startedAt = ports.clock.now();
  const system = buildPrompt({
    soul,
    tools: ports.tools.map((tool) => tool.name),
    shell,
    platform: { name: platform.name, hint: platform.promptHint },
    ...(first.place.kind === "direct" && { person: nameOf(first.sender, threatIn) }),
    skills: skillIndex(skills, {
      tools: ports.tools.map((tool) => tool.name),
      toolsets: ports.tools.map((tool) => tool.toolset),
      query: first.text,
      threatIn,
    }),
    notebooks: { memory: memory.entries.map(({ text }) => text), user: user.entries.map(({ text }) => text) },
    threatIn,
    model,
    now: startedAt,
  });
  return ports.store.sessions.create({
    id: input.session,
    conversation: input.conversation,
    owner,
    startedAt,
    ...(follows !== undefined && { follows }),
    firstTurn: earlier[0]?.turn ?? input.turn,
    system,
    tools: ports.tools.map(toolDefinition),
  });
}

const maxNameChars = 80;

/** Whoever writes chooses their name: one that gives orders, or does not end, is not let into the prompt. */
function nameOf({ name = "", id }: Inbound["sender"], threatIn: ThreatScan): string {
  const line = name.replaceAll(/\s+/g, " ").trim();
  const isName = line !== "" && line.length <= maxNameChars && threatIn(name) === undefined;
  return isName ? line : id;
}

/** A name for the owner's workspace that any file system or cloud takes: readable, and distinct by its hash. */
export function workspaceId(profile: string, owner: string): string {
  const readable = `${profile}-${decodeURIComponent(owner)}`.replaceAll(/[^A-Za-z0-9]+/g, "-").slice(0, 40);
  return `${readable}-${createHash("sha256").update(`${profile}\n${owner}`).digest("hex").slice(0, 12)}`;
}
