import { askModel } from "../agent/ask.ts";
import { messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { judgeCommand, type Judgement } from "../guard/command.ts";
import { parseSmartAnswer, smartPrompt } from "../guard/smart.ts";
import type { Model } from "../providers/provider.ts";
import type { AllowedAbout, AllowedRules } from "../store/permissions.ts";
import type { Permission, Permissions } from "../tools/tool.ts";

/** How the owner wants commands guarded; the words are those of agent.config.ts. */
export interface GuardSettings {
  mode: "smart" | "manual" | "off";
  /** Whether effects on others (a push, a mail, a deployment) need the person's word. */
  outward: "allow" | "ask";
  /** Globs of commands that are never run. */
  denied: readonly string[];
  /** What the model that judges is told besides, in smart mode. */
  policy?: string | undefined;
}

export interface PermissionOptions {
  about: AllowedAbout;
  allowed: AllowedRules;
  model(): Promise<{ name: string; model: Model }>;
  log: Log;
  settings: GuardSettings;
}

/** A verdict in less time than this, or the person is asked. */
const smartTimeoutMs = 30_000;

/** After so many denials in a row the model is not looking for a harmless way any more, but for a way around. */
const mostDenials = 3;
const breaker = (count: number) =>
  `These were ${count} commands in a row that were not allowed. Do not try another: tell the person what you wanted to do, and ask how to go on.`;

/** The command guard for one session: rules first, then what the person allowed, then a model's judgement, then the person. */
export function permissionsOf({ about, allowed, model, log, settings }: PermissionOptions): Permissions {
  async function of(command: string, { isIsolated }: { isIsolated: boolean }): Promise<Permission> {
    const judge = (rules: readonly string[]) =>
      judgeCommand(command, { ...settings, isIsolated, allowed: rules, attended: true });
    const first = judge([]);
    // What was allowed before is looked up only when it matters.
    const judgement = first.verdict === "ask" ? judge((await allowed.list(about)).map(({ rule }) => rule)) : first;
    if (judgement.verdict !== "ask") return toPermission(judgement);
    const isOutward = judgement.findings.some(({ family }) => family === "outward");
    if (settings.mode !== "smart" || isOutward) return toPermission(judgement);
    const verdict = await askSmart(command, judgement);
    log.info("guard.smart", { session: about.session, verdict, rules: rulesOf(judgement).join(" ") });
    if (verdict === "deny") return { verdict: "refuse", reason: await reasonOfDenial(judgement) };
    // Something went through, or a person looks at it: a row of denials is over.
    await allowed.endDenials(about.session);
    return verdict === "approve" ? { verdict: "allow" } : toPermission(judgement);
  }

  async function reasonOfDenial(judgement: Judgement): Promise<string> {
    const count = await allowed.addDenial(about.session);
    return count < mostDenials ? reasonOf(judgement) : `${reasonOf(judgement)} ${breaker(count)}`;
  }

  /** A model that fails or says anything unclear has not approved. */
  async function askSmart(command: string, { findings }: Judgement) {
    try {
      const { name, model: judge } = await model();
      const { system, user } = smartPrompt(command, findings, settings.policy);
      const request = {
        model: name.slice(name.indexOf("/") + 1),
        system,
        messages: [{ role: "user" as const, text: user }],
        tools: [],
        toolChoice: "none" as const,
        cacheKey: `guard-${about.profile}`,
      };
      const signal = AbortSignal.timeout(smartTimeoutMs);
      const { message } = await askModel(judge, request, { signal, onText() {} });
      return parseSmartAnswer(message.text);
    } catch (error) {
      log.warn("guard.smart-failed", { reason: messageOf(error) });
      return "escalate" as const;
    }
  }

  return { of, allow: (rules, scope) => allowed.add(about, rules, scope) };
}

const rulesOf = ({ findings }: Judgement) => [...new Set(findings.map(({ rule }) => rule))];
const reasonOf = ({ findings }: Judgement) => [...new Set(findings.map(({ reason }) => reason))].join(" ");

function toPermission(judgement: Judgement): Permission {
  if (judgement.verdict === "allow") return { verdict: "allow" };
  const reason = reasonOf(judgement);
  return judgement.verdict === "refuse"
    ? { verdict: "refuse", reason }
    : { verdict: "ask", reason, rules: rulesOf(judgement) };
}
