/** An agent and a client of it, for the tests of this folder. */
import { createHash } from "node:crypto";
import { afterAll } from "vitest";
import { systemClock } from "../../core/base/clock.ts";
import { openAgent, unreachable, type Exchange } from "../../core/shells/exec-agent/client.ts";
import { startArchiveStore } from "../fakes/archive-store.ts";
import { startAgentProcess, type AgentProcessOptions } from "../support/exec-agent.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(cleanups.map((cleanup) => cleanup())));

export const token = "a-token-for-tests";
export const timeoutMs = 15_000;

export const exchangeWith =
  (port: number, bearer = token): Exchange =>
  async ({ method, path, body }) => {
    const headers = { authorization: `Bearer ${bearer}` };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, ...(body && { body }) }).catch(
      (error: unknown) => {
        throw unreachable("no connection", error);
      },
    );
    return { status: answer.status, body: new Uint8Array(await answer.arrayBuffer()) };
  };

export async function newStore() {
  const store = await startArchiveStore();
  cleanups.push(() => store.close());
  const saveTo = async (key: string) => ({
    url: await store.archives.writeUrl(key, 600),
    until: Date.now() + 600_000,
  });
  return { ...store, saveTo };
}

export type Store = Awaited<ReturnType<typeof newStore>>;

interface MachineOptions extends AgentProcessOptions {
  store?: Store;
  /** Where it saves to. */
  key?: string;
  /** Where it begins from. */
  restore?: string[];
}

/** An agent that has been said hello to. */
export async function newMachine({ key = "own", restore = [], ...options }: MachineOptions = {}) {
  const store = options.store ?? (await newStore());
  const tokenHash = createHash("sha256").update(token).digest("hex");
  const agent = await startAgentProcess({ tokenHash, ...options });
  cleanups.push(() => agent.kill());
  const client = openAgent(exchangeWith(agent.port), systemClock);
  const urls = await Promise.all(restore.map((one) => store.archives.readUrl(one, 600)));
  const greet = async () => client.hello({ restore: urls, saveTo: await store.saveTo(key) });
  const run = async (script: string, options = {}) => client.run(script, { timeoutMs, ...options });
  return { store, agent, client, greet, run };
}
