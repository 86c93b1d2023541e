import jsonata from "jsonata";
import { messageOf } from "../../core/base/errors.ts";
import type { Json } from "../../core/base/json.ts";
import type { Template } from "./definition.ts";
import { queryError } from "./errors.ts";
import { queryFunctions, type QueryFunction } from "./query-functions.ts";

export type Variables = Record<string, Json>;

/** `$states` as an expression sees it. */
export interface States {
  input: Json;
  context: Record<string, Json>;
  result?: Json;
  errorOutput?: Json;
}

/** Replaces every expression in a template by its value; throws States.QueryEvaluationError. */
export type Evaluate = (template: Template, states: States, variables: Variables) => Promise<Json>;

/** An expression that runs longer, or recurses deeper, than any sensible one is stopped rather than hang the engine. */
const expressionLimits = { timeout: 5_000, stack: 1_000 };

/** The JSONata between `{%` and `%}`; `undefined` when the text is a plain string. */
export function expressionOf(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed.startsWith("{%") && trimmed.endsWith("%}") ? trimmed.slice(2, -2).trim() : undefined;
}

export function createEvaluate(random: () => number): Evaluate {
  const functions = queryFunctions(random);
  const compiled = new Map<string, jsonata.Expression>();

  async function expression(source: string, states: States, variables: Variables): Promise<Json> {
    try {
      const query = compiled.get(source) ?? compile(source, functions);
      compiled.set(source, query);
      return plain(await query.evaluate(undefined, { ...variables, states }));
    } catch (error) {
      throw queryError(`The JSONata expression '${source}' failed: ${messageOf(error)}`);
    }
  }

  const evaluate: Evaluate = async (template, states, variables) => {
    if (typeof template === "string") {
      const source = expressionOf(template);
      return source === undefined ? template : expression(source, states, variables);
    }
    if (Array.isArray(template)) return Promise.all(template.map((item) => evaluate(item, states, variables)));
    if (template === null || typeof template !== "object") return template;
    const fields = Object.entries(template).map(
      async ([key, value]) => [key, await evaluate(value, states, variables)] as const,
    );
    return Object.fromEntries(await Promise.all(fields));
  };
  return evaluate;
}

/** Throws with JSONata's own message when the source does not parse. */
export function compile(source: string, functions: readonly QueryFunction[] = []): jsonata.Expression {
  const query = jsonata(source, expressionLimits);
  for (const { name, run, signature } of functions)
    query.registerFunction(name, run as (...parameters: unknown[]) => unknown, signature);
  return query;
}

/** JSONata's sequences and numbers as plain JSON, a fresh copy that shares nothing with the input. */
function plain(value: unknown): Json {
  const text: string | undefined = typeof value === "function" ? undefined : JSON.stringify(value);
  if (text === undefined) throw new Error("it returned nothing (undefined)");
  return JSON.parse(text) as Json;
}
