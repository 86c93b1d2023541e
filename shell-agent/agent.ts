/**
 * The exec agent: what runs in a machine of the cloud that is a workspace. It speaks core/shells/exec-agent/protocol.ts
 * and is bundled to one file without dependencies, which the image of the machine holds (shell-agent/Dockerfile).
 */
import { AgentServer } from "./server.ts";
import { agentPort } from "../core/shells/exec-agent/protocol.ts";
import { Keeper } from "./keeper.ts";
import { Scripts } from "./scripts.ts";
import { openAccount } from "./user.ts";

const setting = (name: string, otherwise: string): string => process.env[`TALARIA_AGENT_${name}`] || otherwise;
const [home, port, host] = [
  setting("HOME", "/workspace"),
  setting("PORT", String(agentPort)),
  setting("HOST", "0.0.0.0"),
];
/** Saved when something has changed: what a crash loses at most. */
const saveMs = Number(setting("SAVE_SECONDS", "120")) * 1000;
/** Nobody was heard of for so long that whoever should have stopped this machine must have died. 0: it stays. */
const silenceMs = Number(setting("SILENCE_SECONDS", "0")) * 1000;
const tokenHash = setting("TOKEN_HASH", "") || undefined;
// Nothing is left that a script could be handed by mistake.
for (const name of Object.keys(process.env)) if (name !== "PATH") delete process.env[name];

const account = await openAccount(home);
const keeper = await Keeper.open(account, saveMs);
const scripts = new Scripts(account);
const agent = new AgentServer({ scripts, keeper, tokenHash });

let isLeaving = false;
async function leave(): Promise<void> {
  if (isLeaving) return;
  isLeaving = true;
  const saved = agent.shutDown().then(
    () => true,
    () => false,
  );
  const exitCode = (await saved) ? 0 : 1;
  await keeper.close();
  process.exit(exitCode);
}
process.on("SIGTERM", () => void leave());

if (silenceMs > 0)
  setInterval(
    () => {
      if (Date.now() - agent.lastHeard > silenceMs && !scripts.isRunning) void leave();
    },
    Math.min(10_000, silenceMs),
  );

const server = await agent.listen(Number(port), host);
const address = server.address();
console.log(JSON.stringify({ event: "agent.listens", port: typeof address === "object" ? address?.port : undefined }));
