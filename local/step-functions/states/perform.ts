import type { Outcome, Visit } from "../visit.ts";
import { runChoice } from "./choice.ts";
import { runMap } from "./map.ts";
import { runParallel } from "./parallel.ts";
import { runFail, runPass, runSucceed } from "./simple.ts";
import { runTask } from "./task.ts";
import { runWait } from "./wait.ts";

/** One attempt at a state, whatever its type. */
export function performState({ state, ...visit }: Visit): Promise<Outcome> {
  switch (state.Type) {
    case "Pass":
      return runPass({ ...visit, state });
    case "Succeed":
      return runSucceed({ ...visit, state });
    case "Fail":
      return runFail({ ...visit, state });
    case "Wait":
      return runWait({ ...visit, state });
    case "Choice":
      return runChoice({ ...visit, state });
    case "Task":
      return runTask({ ...visit, state });
    case "Map":
      return runMap({ ...visit, state });
    case "Parallel":
      return runParallel({ ...visit, state });
  }
}
