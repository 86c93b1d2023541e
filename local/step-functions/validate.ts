import * as z from "zod";
import { messageOf } from "../../core/base/errors.ts";
import type { Catcher, Flow, Machine, Retrier, State } from "./definition.ts";
import { ServiceException } from "./errors.ts";
import { compile, expressionOf } from "./evaluate.ts";
import { machineSchema } from "./schema.ts";

const invalid = (detail: string) =>
  new ServiceException("InvalidDefinition", `Invalid State Machine Definition: '${detail}'`);

/** A definition's text as a machine that can run; throws InvalidDefinition and says where and why. */
export function parseDefinition(text: string): Machine {
  const value = parseText(text);
  refuseJsonPath(value);
  const parsed = machineSchema.safeParse(value);
  if (!parsed.success) throw invalid(`SCHEMA_VALIDATION_FAILED: ${firstProblem(parsed.error)}`);
  checkFlow(parsed.data, "/");
  return parsed.data;
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`INVALID_JSON_DESCRIPTION: ${messageOf(error)}`);
  }
}

/** AWS's default is JSONPath, so a definition that says nothing is a JSONPath definition. */
function refuseJsonPath(value: unknown): void {
  const language = z.looseObject({ QueryLanguage: z.unknown() }).safeParse(value).data?.QueryLanguage;
  if (language !== "JSONata")
    throw invalid(
      `SCHEMA_VALIDATION_FAILED: QueryLanguage must be "JSONata" at the top level; JSONPath is not supported`,
    );
}

function firstProblem(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue ? `${issue.message} at /${issue.path.join("/")}` : "not a state machine";
}

function checkFlow(flow: Flow, at: string): void {
  if (!(flow.StartAt in flow.States)) throw invalid(`MISSING_TRANSITION_TARGET: StartAt '${flow.StartAt}' at ${at}`);
  for (const [name, state] of Object.entries(flow.States)) checkState(flow, state, `${at}States/${name}`);
}

function checkState(flow: Flow, state: State, at: string): void {
  for (const target of targetsOf(state))
    if (!(target in flow.States)) throw invalid(`MISSING_TRANSITION_TARGET: '${target}' at ${at}`);
  if (needsTransition(state) && (state.Next !== undefined) === (state.End === true))
    throw invalid(`SCHEMA_VALIDATION_FAILED: exactly one of Next and End at ${at}`);
  if (state.Type === "Wait" && (state.Seconds === undefined) === (state.Timestamp === undefined))
    throw invalid(`SCHEMA_VALIDATION_FAILED: exactly one of Seconds and Timestamp at ${at}`);
  for (const handlers of errorHandlersOf(state)) checkWildcards(handlers, at);
  const { nested, own } = parts(state);
  nested.forEach((inner, index) => checkFlow(inner, `${at}/${index}/`));
  checkExpressions(own, at);
}

type Moving = Extract<State, { Next?: string | undefined }>;
const needsTransition = (state: State): state is Moving =>
  state.Type !== "Succeed" && state.Type !== "Fail" && state.Type !== "Choice";

function targetsOf(state: State): string[] {
  const next = needsTransition(state) && state.Next !== undefined ? [state.Next] : [];
  const caught = "Catch" in state ? (state.Catch ?? []).map((catcher) => catcher.Next) : [];
  if (state.Type !== "Choice") return [...next, ...caught];
  return [...state.Choices.map((rule) => rule.Next), ...(state.Default === undefined ? [] : [state.Default])];
}

const errorHandlersOf = (state: State): (Retrier | Catcher)[][] =>
  "Catch" in state || "Retry" in state ? [state.Retry ?? [], state.Catch ?? []] : [];

/** AWS: States.ALL stands alone in its list, and in the last retrier or catcher. */
function checkWildcards(handlers: readonly (Retrier | Catcher)[], at: string): void {
  for (const [index, { ErrorEquals }] of handlers.entries()) {
    const isMisplaced = ErrorEquals.length > 1 || index < handlers.length - 1;
    if (ErrorEquals.includes("States.ALL") && isMisplaced)
      throw invalid(`SCHEMA_VALIDATION_FAILED: States.ALL must appear alone and last at ${at}`);
  }
}

/** The flows inside a state, and the rest of it: an inner expression is reported at its inner state. */
function parts(state: State): { nested: Flow[]; own: unknown } {
  if (state.Type === "Map") return { nested: [state.ItemProcessor], own: { ...state, ItemProcessor: undefined } };
  if (state.Type === "Parallel") return { nested: state.Branches, own: { ...state, Branches: undefined } };
  return { nested: [], own: state };
}

function checkExpressions(value: unknown, at: string): void {
  if (typeof value === "string") return checkExpression(value, at);
  if (value === null || typeof value !== "object") return;
  for (const [key, inner] of Object.entries(value)) checkExpressions(inner, `${at}/${key}`);
}

function checkExpression(text: string, at: string): void {
  const source = expressionOf(text);
  if (source === undefined) return;
  try {
    compile(source);
  } catch (error) {
    throw invalid(`INVALID_JSONATA: ${messageOf(error)} in '${source}' at ${at}`);
  }
}
