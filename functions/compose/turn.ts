import { messageOf } from "../../core/base/errors.ts";
import type { Settings } from "../../core/base/settings.ts";
import { defaultSoul } from "../../core/agent/prompt.ts";
import { openRecollections } from "../../core/store/recollections.ts";
import { openAllowedRules } from "../../core/store/permissions.ts";
import { connectMemory, recall } from "../../core/memory/external.ts";
import { sayPassed } from "../../core/shells/passthrough.ts";
import { tools } from "../../core/tools/index.ts";
import { workspaceId } from "../../core/turn/open-session.ts";
import { permissionsOf } from "../../core/turn/permissions.ts";
import { defaultTurnSettings, type TurnPorts, type TurnSettings } from "../../core/turn/ports.ts";
import { doorbellsOf } from "../../core/turn/ring.ts";
import { composeAnswerLearning } from "./answer-learning.ts";
import { composeDelivery } from "./delivery.ts";
import type { Environment } from "./environment.ts";
import { guardSettings } from "./guard.ts";
import { leanAws } from "./lean-aws.ts";
import { composeLearning, learningShelf } from "./learning.ts";
import { connectModel } from "./model.ts";
import { once } from "./once.ts";
import { numberOr } from "./setting-values.ts";
import { composeShell } from "./shell.ts";

const turnSettings = (settings: Settings): TurnSettings => ({
  ...defaultTurnSettings,
  maxSteps: numberOr(settings, "TALARIA_MAX_STEPS", defaultTurnSettings.maxSteps),
  packingMs: numberOr(settings, "TALARIA_PACKING_SECONDS", defaultTurnSettings.packingMs / 1000) * 1000,
  patienceMs: numberOr(settings, "TALARIA_INLINE_SECONDS", defaultTurnSettings.patienceMs / 1000) * 1000,
});

/** What a step is made of: delivery, the model, the tools and their shell. */
export function composeTurn(environment: Environment): TurnPorts {
  const { settings } = environment;
  const { ports, table, blobs } = composeDelivery(environment, "agent-step", leanAws(settings));
  const model = once(() => connectModel(settings));
  const shelf = learningShelf(blobs);
  const { notebooks, skills, search, ledger, isOwner } = composeLearning(environment, {
    table,
    blobs,
    actor: "agent",
    shelf,
  });
  const external = once(() => connectMemory(settings));
  const recollections = openRecollections(table, () => ports.clock.now());
  const shell = composeShell(environment, table, ports.log);
  const allowed = openAllowedRules(table, () => ports.clock.now());
  return {
    ...ports,
    model,
    tools,
    workspace: (profile, owner, forMs = 0) => shell.acquire(workspaceId(profile, owner), forMs),
    passed: shell.passed,
    shell: async () => (await shell.backend()).description + sayPassed(shell.passed),
    doorbells: (doorstep) => doorbellsOf(ports.store.doors, environment.shellUrl, doorstep),
    allowed,
    permissions: (about) => permissionsOf({ about, allowed, model, log: ports.log, settings: guardSettings(settings) }),
    notebooks,
    skills,
    search,
    ledger,
    isOwner,
    answerLearning: composeAnswerLearning(environment, {
      table,
      blobs,
      shelf,
      store: ports.store,
      passed: shell.passed,
    }),
    recall: async (message, about) => {
      try {
        const provider = await external();
        return provider ? await recall(provider, message, about, { ...ports, recollections }) : "";
      } catch (error) {
        // A memory beside the turn that is set up wrongly is for the operator to mend; the person is answered without it.
        ports.log.error("memory.unavailable", { reason: messageOf(error) });
        return "";
      }
    },
    async fetchPage(address) {
      // Hardly any step needs it.
      const { fetchSafely } = await import("../../core/skills/fetch-safely.ts");
      return fetchSafely(address, { maxBytes: 2_000_000, timeoutMs: 15_000 });
    },
    soul: async () => settings["TALARIA_SOUL"] || defaultSoul,
    settings: turnSettings(settings),
  };
}
