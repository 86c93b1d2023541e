import { messageOf } from "../../core/base/errors.ts";
import type { Settings } from "../../core/base/settings.ts";
import type { ModelRequest } from "../../core/providers/provider.ts";
import { ok, problem, type Finding } from "../finding.ts";
import { tryModel } from "../model.ts";

const patienceMs = 60_000;
const cure = "check the key and TALARIA_MODEL in .env, or model in agent.config.ts";

/** Asks the model for a word and reads no further than its first piece of text. */
export async function modelAnswer(settings: Settings): Promise<Finding> {
  const chosen = await tryModel(settings);
  if ("missing" in chosen) return problem(`Model: ${chosen.missing}`, cure);
  const { name, model } = chosen;
  const request: ModelRequest = {
    model: name.slice(name.indexOf("/") + 1),
    system: "Answer with one word.",
    messages: [{ role: "user", text: "Say ready" }],
    tools: [],
    toolChoice: "none",
    cacheKey: "doctor",
  };
  const startedAt = performance.now();
  const asking = new AbortController();
  const signal = AbortSignal.any([asking.signal, AbortSignal.timeout(patienceMs)]);
  try {
    for await (const _event of model.complete(request, signal)) break;
    return ok(`Model ${name} answers (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  } catch (error) {
    return problem(`Model ${name}: ${messageOf(error)}`, cure);
  } finally {
    asking.abort();
  }
}
