import type { ChoiceState } from "../definition.ts";
import { AslError, queryError } from "../errors.ts";
import { evaluateIn, finish, type Outcome, type Visit } from "../visit.ts";

/** The first rule whose condition holds decides; then Default; else States.NoChoiceMatched. */
export async function runChoice(visit: Visit<ChoiceState>): Promise<Outcome> {
  const { state } = visit;
  for (const rule of state.Choices) {
    if (!(await holds(visit, rule.Condition))) continue;
    return finish(visit, {
      next: rule.Next,
      value: visit.progress.input,
      output: rule.Output ?? state.Output,
      assign: rule.Assign,
    });
  }
  if (state.Default === undefined)
    throw new AslError("States.NoChoiceMatched", `No rule of '${visit.name}' matched and it has no Default.`);
  return finish(visit, {
    next: state.Default,
    value: visit.progress.input,
    output: state.Output,
    assign: state.Assign,
  });
}

async function holds(visit: Visit<ChoiceState>, condition: string | boolean): Promise<boolean> {
  const value = await evaluateIn(visit, condition);
  if (typeof value !== "boolean") throw queryError(`The Condition '${condition}' of '${visit.name}' is not a boolean.`);
  return value;
}
