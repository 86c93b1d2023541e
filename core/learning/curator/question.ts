/** One question to the model, answered with JSON: no tools, no history, nothing of any conversation. */
import * as z from "zod";
import { parseJson } from "../../base/json.ts";
import { addUsage, noUsage, type Usage } from "../../conversation/usage.ts";
import type { Model } from "../../providers/provider.ts";
import { askModel } from "../../agent/ask.ts";

export interface Asked<Result> {
  result: Result | undefined;
  usage: Usage;
}

/** A model that did not answer as it should is told so once. */
const maxAnswers = 2;
const patienceMs = 5 * 60_000;

export interface Question<Result> {
  system: string;
  text: string;
  schema: z.ZodType<Result>;
}

/** `result` is `undefined` when no answer fits the schema. @throws what the provider throws. */
export async function askForJson<Result>(
  { name, model }: { name: string; model: Model },
  { system, text, schema }: Question<Result>,
): Promise<Asked<Result>> {
  let usage = noUsage;
  let prompt = text;
  for (let answers = 0; answers < maxAnswers; answers += 1) {
    const answer = await askModel(
      model,
      {
        model: name.slice(name.indexOf("/") + 1),
        system,
        messages: [{ role: "user", text: prompt }],
        tools: [],
        toolChoice: "none",
        cacheKey: "curator",
      },
      { signal: AbortSignal.timeout(patienceMs), onText: () => {} },
    );
    usage = addUsage(usage, answer.usage);
    const parsed = schema.safeParse(jsonIn(answer.message.text));
    if (parsed.success) return { result: parsed.data, usage };
    prompt = `${text}\n\nAn earlier answer could not be read: ${z.prettifyError(parsed.error).slice(0, 500)}\nAnswer with the JSON object alone.`;
  }
  return { result: undefined, usage };
}

/** The object in an answer, whatever stands around it. */
function jsonIn(text: string): unknown {
  const [from, to] = [text.indexOf("{"), text.lastIndexOf("}")];
  return from < 0 || to < from ? undefined : parseJson(text.slice(from, to + 1));
}
