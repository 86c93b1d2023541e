import type { SettingSpec } from "../core/base/settings.ts";
import { memoryProviders } from "../core/memory/external.ts";
import { platforms } from "../core/platforms/index.ts";
import { providers } from "../core/providers/index.ts";
import { networkSetting } from "../core/shells/egress.ts";
import { shells } from "../core/shells/index.ts";

/** Settings of the agent itself: functions read them, wherever they run. */
const agentSettings: readonly SettingSpec[] = [
  {
    name: "TALARIA_ALLOWED_USERS",
    required: false,
    secret: false,
    help: "Who may talk to the agent: telegram:123,slack:U1 (its refusal names a stranger's id), or * for everybody. Empty: nobody",
  },
  {
    name: "TALARIA_OWNERS",
    required: false,
    secret: false,
    help: "Who of them decides what is everybody's, skills above all: telegram:123,slack:U1. Default: everybody who is let in by name, with * only the chat page",
  },
  {
    name: "TALARIA_MODEL",
    required: false,
    secret: false,
    help: "provider/model, or a provider alone for its default model, for example openai/gpt-5.4-mini or bedrock",
  },
  {
    name: "TALARIA_SOUL",
    required: false,
    secret: false,
    help: "Who the agent is, in a few sentences: the beginning of its system prompt",
  },
  {
    name: "TALARIA_SHELL",
    required: false,
    secret: false,
    help: "Where the agent's commands run: the name of a shell below. Default: local",
  },
  {
    name: "TALARIA_PASSTHROUGH",
    required: false,
    secret: false,
    help: "Variables of yours that commands may see, for example GITHUB_TOKEN,NPM_TOKEN; nothing else of this file or your environment passes. Default: none",
  },
  {
    name: "TALARIA_PROFILE",
    required: false,
    secret: false,
    help: "The agent's name in its storage; two profiles share nothing. Default: main",
  },
  {
    name: "TALARIA_PLATFORMS",
    required: false,
    secret: false,
    help: "Only these platforms are on, for example telegram,slack. Default: every platform that has its settings",
  },
  {
    name: "TALARIA_MAX_STEPS",
    required: false,
    secret: false,
    help: "Steps of one turn before the agent is asked to close it. Default: 500",
  },
  {
    name: "TALARIA_PACKING_SECONDS",
    required: false,
    secret: false,
    help: "One Lambda invocation takes further steps until this many seconds have gone. Default: 60",
  },
  {
    name: "TALARIA_INLINE_SECONDS",
    required: false,
    secret: false,
    help: "A command that takes longer than this waits without a function running. Default: 20",
  },
  {
    name: "TALARIA_APPROVALS",
    required: false,
    secret: false,
    help: "Dangerous commands: smart (a model judges, then you), manual (you), off (nobody; what ruins a machine is never run). Default: smart",
  },
  {
    name: "TALARIA_APPROVE_OUTWARD",
    required: false,
    secret: false,
    help: "Pushes, mails, deployments and the like: allow, or ask you before each. Default: allow",
  },
  {
    name: "TALARIA_DENIED_COMMANDS",
    required: false,
    secret: false,
    help: "Globs of commands that are never run, one a line, for example *terraform destroy*",
  },
  {
    name: "TALARIA_APPROVAL_POLICY",
    required: false,
    secret: false,
    help: "What the model that judges dangerous commands is told besides, in smart mode",
  },
  {
    name: "TALARIA_REVIEW",
    required: false,
    secret: false,
    help: "Whether the agent looks back at some turns and keeps what it learnt: on or off. Default: on",
  },
  {
    name: "TALARIA_REVIEW_NOTICE",
    required: false,
    secret: false,
    help: "What the chat is told of what was learnt: on (one line), off, verbose (each change). Default: on",
  },
  {
    name: "TALARIA_REVIEW_MONTHLY_TOKENS",
    required: false,
    secret: false,
    help: "Tokens of all reviews in a month, cached ones included; beyond it none is begun. Default: 20000000",
  },
  {
    name: "TALARIA_CURATOR",
    required: false,
    secret: false,
    help: "The weekly upkeep of skills and notes: on (it proposes), off, auto (it does what loses no content). Default: on",
  },
  {
    name: "TALARIA_CURATOR_PRUNE_BUNDLED",
    required: false,
    secret: false,
    help: "1 lets it archive shipped skills that nobody uses. Default: 0",
  },
  {
    name: "TALARIA_MEMORY_APPROVAL",
    required: false,
    secret: false,
    help: "1 makes what the agent notes wait for your approval: /memory pending. Default: 0",
  },
  {
    name: "TALARIA_MEMORY_PROVIDER",
    required: false,
    secret: false,
    help: "A memory outside of Talaria beside the notebooks: honcho. Default: none",
  },
  {
    name: "TALARIA_LOG_FILE",
    required: false,
    secret: false,
    help: "File for the log, one JSON object a line. Default: talaria.log in the data folder",
  },
];

/** Settings of `npm start`: no function reads them. */
const startSettings: readonly SettingSpec[] = [
  {
    name: "PORT",
    required: false,
    secret: false,
    help: "Port for people and platforms, on this machine only; 0 picks a free one. Default: 8787",
  },
  {
    name: "TALARIA_DATA",
    required: false,
    secret: false,
    help: "Folder that keeps everything; one agent at a time can have it. Default: .talaria",
  },
  {
    name: "TALARIA_PUBLIC_URL",
    required: false,
    secret: false,
    help: "Address under which a tunnel makes this machine's port public; platforms then call its webhooks, and nothing is polled",
  },
  {
    name: "SLACK_APP_TOKEN",
    required: false,
    secret: true,
    help: "App-level token (xapp-…, scope connections:write): Slack over Socket Mode, without a public address or signing secret",
  },
];

/** Names of the settings that no member has. */
export const ownSettingNames: readonly string[] = [...agentSettings, ...startSettings].map(({ name }) => name);

/** Settings that only the composition root sets, so nobody is shown them. */
export const rootNames: ReadonlySet<string> = new Set([
  "TALARIA_WORKSPACES",
  "TALARIA_ECS_CLUSTER",
  "TALARIA_ECS_TASK",
  "TALARIA_ECS_SUBNETS",
  "TALARIA_ECS_SECURITY_GROUP",
  "TALARIA_RELAY_FUNCTION",
  "TALARIA_MICROVM_IMAGE",
]);

/** Settings that belong together, for a heading. */
export interface SettingGroup {
  title: string;
  settings: readonly SettingSpec[];
}

interface Member {
  name: string;
  settings: readonly SettingSpec[];
}

type Registry = Readonly<Record<string, () => Promise<Member>>>;

const kinds: readonly [kind: string, registry: Registry][] = [
  ["Platform", platforms],
  ["Model provider", providers],
  ["Shell", shells],
  ["External memory", memoryProviders],
];

async function memberGroups(): Promise<SettingGroup[]> {
  const groups = kinds.map(([kind, registry]) =>
    Promise.all(
      Object.values(registry).map(async (load) => {
        const { name, settings } = await load();
        return { title: `${kind}: ${name}`, settings };
      }),
    ),
  );
  return (await Promise.all(groups)).flat();
}

/** All settings that a person can make, in the order in which they are explained; a name appears once. */
export async function settingGroups(): Promise<SettingGroup[]> {
  const seen = new Set(rootNames);
  const groups = [
    { title: "The agent", settings: agentSettings },
    { title: "npm start", settings: startSettings },
    { title: "Every shell", settings: [networkSetting] },
    ...(await memberGroups()),
  ];
  return groups
    .map(({ title, settings }) => ({ title, settings: settings.filter(({ name }) => isFirst(seen, name)) }))
    .filter(({ settings }) => settings.length > 0);
}

function isFirst(seen: Set<string>, name: string): boolean {
  if (seen.has(name)) return false;
  seen.add(name);
  return true;
}

/**
 * Every name that a function may read as a setting, sorted: an environment of a function's own needs these and nothing
 * else of the person's. The names of its resources (`resourceEnvironment`) and of the AWS SDK come from the cloud it
 * runs in; AWS_REGION, which a provider names, is one that Lambda sets itself and lets nobody else set.
 */
export async function functionSettingNames(): Promise<string[]> {
  const groups = [{ settings: agentSettings }, ...(await memberGroups())];
  const names = groups.flatMap(({ settings }) => settings.map(({ name }) => name));
  return [...new Set([...names, ...rootNames])].sort();
}
