/** The states that only pass data on: Pass, Succeed, Fail. */
import type { FailState, PassState, SucceedState } from "../definition.ts";
import { AslError } from "../errors.ts";
import { evaluateIn, finish, type Outcome, type Visit } from "../visit.ts";

export const runPass = (visit: Visit<PassState>): Promise<Outcome> =>
  finish(visit, {
    next: visit.state.Next,
    value: visit.progress.input,
    output: visit.state.Output,
    assign: visit.state.Assign,
  });

export const runSucceed = (visit: Visit<SucceedState>): Promise<Outcome> =>
  finish(visit, { next: undefined, value: visit.progress.input, output: visit.state.Output, assign: undefined });

export async function runFail(visit: Visit<FailState>): Promise<never> {
  const error = await evaluateIn(visit, visit.state.Error ?? "");
  const cause = await evaluateIn(visit, visit.state.Cause ?? "");
  throw new AslError(textOf(error), textOf(cause));
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
