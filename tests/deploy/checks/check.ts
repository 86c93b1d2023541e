import type { AgentConfig } from "../../../core/base/agent-config.ts";
import type { FunctionName } from "../../../stacks/needs.ts";
import type { FakeTelegram } from "../../fakes/platform-telegram.ts";
import type { ModelServer } from "../../fakes/model-server.ts";
import type { Graph } from "../harness/graph.ts";
import type { ColdImport, Package } from "../harness/package.ts";

/** One sentence that is true, or `run` throws. */
export interface Check {
  name: string;
  run(deployment: Deployment): void | Promise<void>;
}

/** A deployment that the real CLI made, offline. */
export interface Deployment {
  graph: Graph;
  config: AgentConfig;
  packages: Record<FunctionName, Package>;
  coldImports: Partial<Record<FunctionName, ColdImport>>;
  /** Settings that were set as secrets, by name; the functions carry them encrypted. */
  secrets: Record<string, string>;
  /** The calls that the stand-in account could not answer. */
  unknownCalls: string[];
  /** The CLI's words, without colours. */
  output: string;
  /** Where the functions' secrets point. */
  telegram: FakeTelegram;
  model: ModelServer;
}

/** One that needs no more than the graph. */
export interface GraphCheck {
  name: string;
  run(graph: Graph): void | Promise<void>;
}
