/** A conversation with the deployed agent: the functions run from their zips, on the embedded cloud. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { componentNameOf } from "../../../stacks/names.ts";
import type { FunctionName } from "../../../stacks/needs.ts";
import type { Brain } from "../../fakes/model-server.ts";
import { telegramDelivery } from "../../fakes/platform-telegram.ts";
import { until } from "../../support/agent.ts";
import { arnOf } from "../harness/graph.ts";
import { deployedResource, startPackagedCloud, type PackagedCloud } from "../harness/packaged-cloud.ts";
import { isAllowed, roleOfFunction } from "../harness/policy.ts";
import { telegramWebhookSecret } from "../harness/secrets.ts";
import type { Check, Deployment } from "./check.ts";
import { functionNames, lambdaOf } from "./functions.ts";
import { definitionOf } from "./machine.ts";

/** The person whom the config lets in. */
export const person = 42;

const conversation = `main:telegram::direct:${person}::`;

/** More than an item holds, and nothing that compresses: this step's body goes to S3. */
const longThought = () => randomBytes(600_000).toString("base64");

const reply = (text: string) => `You said “${text}”, and the shell said “hello from bash”.`;

/** The value of what the config passes to commands is there, and comes back masked. */
const command = 'echo hello from bash; echo "passed: $X_API_KEY"';
const isRight = (output: string) => output.includes("hello from bash") && output.includes("passed: ***");

/** The model of the check: it thinks aloud and runs a command, then it answers; asked to fail, it refuses for good. */
export const scriptedBrain: Brain = ({ messages }) => {
  const asked = messages.findLast(({ role }) => role === "user");
  const text = asked && "text" in asked ? asked.text : "";
  if (text.includes("fail")) return { error: { status: 401, message: "the key is wrong" } };
  const last = messages.at(-1);
  if (text.includes("paint") && last?.role === "user")
    return { toolCalls: [{ name: "clarify", arguments: { question: "Red?" } }] };
  if (text.includes("paint")) return { text: "Painted." };
  if (last?.role === "tool") return { text: isRight(last.content) ? reply(text) : last.content };
  return { text: longThought(), toolCalls: [{ name: "terminal", arguments: { command } }] };
};

let cloud: PackagedCloud | undefined;
let updates = 0;

async function open({ graph, packages }: Deployment): Promise<PackagedCloud> {
  const arnsOf = Object.fromEntries(functionNames.map((name) => [name, arnOf(lambdaOf(graph, name))]));
  return (cloud ??= await startPackagedCloud({
    graph,
    packages,
    definition: definitionOf(graph),
    arnsOf: arnsOf as Record<FunctionName, string>,
  }));
}

/** Ends what the checks of this file share. */
export async function closePackagedCloud(): Promise<void> {
  await cloud?.close();
}

async function say(text: string, from = person): Promise<Response> {
  updates += 1;
  const sender = { id: from, first_name: "Ada" };
  const delivery = telegramDelivery({ secret: telegramWebhookSecret, updateId: updates, text, from: sender });
  return fetch(`${cloud?.cloud.url}${delivery.path}`, delivery);
}

async function replyTo(text: string, { telegram }: Deployment, from = person): Promise<string> {
  const before = telegram.messages.length;
  equal((await say(text, from)).status, 200);
  const answer = await until(`the reply to “${text}”`, () => telegram.messages[before], { withinMs: 30_000 });
  await until(
    "the end of the turn",
    async () => {
      const stateMachineArn = cloud?.cloud.awsEnvironment["TALARIA_TURN_MACHINE"] ?? "";
      const { executions } = await (cloud as PackagedCloud).cloud.stepFunctions.listExecutions({ stateMachineArn });
      return executions.every(({ status }) => status !== "RUNNING");
    },
    { withinMs: 60_000 },
  );
  return answer.text;
}

export const turnChecks: Check[] = [
  {
    name: "a signed webhook goes in and the reply comes out, through the packaged functions and the deployed machine",
    async run(deployment) {
      await open(deployment);
      equal(await replyTo("hello", deployment), reply("hello"));
      equal(await replyTo("hello again", deployment), reply("hello again"));
    },
  },
  {
    name: "a wrong signature is answered 401, and a stranger is told once that he is one",
    async run(deployment) {
      const { cloud } = await open(deployment);
      equal((await fetch(`${cloud.url}/webhooks/telegram`, { method: "POST", body: "{}" })).status, 401);
      match(await replyTo("let me in", deployment, 666), /telegram:666/);
    },
  },
  {
    name: "a turn whose model refuses is reported to the person",
    async run(deployment) {
      await open(deployment);
      match(await replyTo("fail", deployment), /./);
    },
  },
  {
    name: "the packaged sweep, abandon, curator and look after shells can be invoked",
    async run(deployment) {
      const { cloud } = await open(deployment);
      const swept = await cloud.invoke("schedule", { task: "sweep" });
      deepEqual("payload" in swept ? JSON.parse(swept.payload) : swept, { mended: 0 });
      const looked = await cloud.invoke("shell", { task: "shells" });
      ok("payload" in looked && "asleep" in (JSON.parse(looked.payload) as object), JSON.stringify(looked));
      const curated = await cloud.invoke("curator", { task: "curate" });
      ok("payload" in curated, JSON.stringify(curated));
      equal((await fetch(`${cloud.url}/shell/jobs/nobody`, { method: "POST", body: "{}" })).status, 400);
      const turn = { conversation, session: "ses_none", turn: 99 };
      const abandoned = await cloud.invoke("abandon", { ...turn, error: "States.Timeout", cause: "" });
      ok("payload" in abandoned, JSON.stringify(abandoned));
      const event = { detail: { input: JSON.stringify(turn) } };
      ok("payload" in (await cloud.invoke("schedule", event)));
    },
  },
  {
    name: "a turn that waits gets its heartbeat from the packaged sweep, and is woken by it for a message that nobody rang for",
    async run(deployment) {
      const { cloud, recorders, store } = await open(deployment);
      await say("paint it");
      const current = () => store.leases.current(conversation);
      const lease = await until("a turn that waits", async () => {
        const held = await current();
        return held?.taskToken === undefined ? undefined : held;
      });
      await store.leases.extend(lease, -1);
      await cloud.invoke("schedule", { task: "sweep" });
      ok(
        recorders.schedule.calls.some(({ action }) => action === "states:SendTaskHeartbeat"),
        "no heartbeat",
      );
      const { place } = lease;
      const message = { key: "unrung", place, sender: { id: String(person) }, text: "red", sentAt: 1, order: "0" };
      await store.inbox.add(conversation, message);
      await store.leases.extend(lease, -1);
      await cloud.invoke("schedule", { task: "sweep" });
      await until("the reply", () => deployment.telegram.messages.at(-1)?.text === "Painted.");
      await until("the end of the turn", async () => (await current())?.held === false);
    },
  },
  {
    name: "every AWS call that a function made in all this is allowed by its own role",
    async run(deployment) {
      const { recorders } = await open(deployment);
      for (const name of functionNames) {
        const role = roleOfFunction(deployment.graph, componentNameOf(name));
        const { calls } = recorders[name];
        ok(calls.length > 0, `${name} made no call`);
        for (const request of new Set(calls.map(({ action, resource }) => `${action} ${resource}`))) {
          const [action = "", resource = ""] = request.split(" ");
          const deployed = deployedResource(deployment.graph, resource);
          ok(await isAllowed(role, action, deployed), `${name} made a call that it may not: ${action} on ${deployed}`);
        }
      }
      const stored = recorders["agent-step"].calls.map(({ action }) => action);
      ok(stored.includes("s3:PutObject") && stored.includes("s3:GetObject"), "no body went to S3 and back");
    },
  },
];
