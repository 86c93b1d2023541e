/**
 * Stands in for the `pulumi` command as the SST CLI calls it: the same arguments, files, event log and gRPC services,
 * and the real program is run. Only the answers of AWS are made up (aws-outputs.ts), and what the program asked for is
 * written to the file that TALARIA_CHECK_GRAPH names.
 */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openEvents, type EngineEvents } from "./engine-events.ts";
import { monitorService } from "./engine-monitor.ts";
import { loadProtocol, type Protocol, type Service } from "./engine-protocol.ts";
import { engineVersion, readState, writeState } from "./engine-state.ts";
import type { Graph } from "./graph.ts";

const words = process.argv.slice(2);

function option(name: string): string {
  const value = words[words.indexOf(name) + 1];
  if (!words.includes(name) || value === undefined) throw new Error(`the CLI gave no ${name}: ${words.join(" ")}`);
  return value;
}

/** `--config aws:region=us-east-1`; a program reads it as `aws:config:region`. */
function configuration(): Record<string, string> {
  const pairs = words.flatMap((word, index) => (word === "--config" ? [words[index + 1] ?? ""] : []));
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = "", ...value] = pair.split("=");
      return [key.replace(/^([^:]+):(?:config:)?/, "$1:config:"), value.join("=")];
    }),
  );
}

/** After the first error the program has nothing more to say, but may take most of a minute to end by itself. */
const graceMs = 1_500;

function engineService(protocol: Protocol, events: EngineEvents, graph: Graph, onError: () => void): Service {
  const severities = ["debug", "info", "warning", "error"];
  const { message } = protocol;
  let root: unknown = "";
  return {
    log({ request }, answer) {
      const severity = severities[Number(request["getSeverity"]?.())] ?? "info";
      const text = String(request["getMessage"]?.());
      if (severity !== "debug") events.diagnostic(String(request["getUrn"]?.()), text, severity);
      if (severity === "error") {
        graph.errors.push(text);
        setTimeout(onError, graceMs).unref();
      }
      answer(null, message("Empty"));
    },
    getRootResource: (_call, answer) => answer(null, message("GetRootResourceResponse", { Urn: root })),
    setRootResource({ request }, answer) {
      root = request["getUrn"]?.();
      answer(null, message("SetRootResourceResponse"));
    },
    startDebugging: (_call, answer) => answer(null, message("Empty")),
  };
}

interface Program {
  exitCode: Promise<number>;
  kill(): void;
}

/** Runs the program as Pulumi's Node host does; it finds the services by its flags. */
function startProgram(
  runner: string,
  main: string,
  config: Record<string, string>,
  flags: Record<string, string>,
): Program {
  const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const inspect = join(import.meta.dirname, "plain-inspect.cjs");
  const child = spawn(process.execPath, [runner, ...words, main], {
    env: {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(config),
      NODE_OPTIONS: `--no-deprecation --require "${inspect}"`,
    },
    stdio: "inherit",
  });
  return {
    exitCode: new Promise((resolve) => child.on("exit", (status) => resolve(status ?? 1))),
    kill: () => void child.kill("SIGKILL"),
  };
}

/** `up` and `preview`. */
async function runProgram(command: string): Promise<number> {
  const [, app = "", stage = ""] = option("--stack").split("/");
  const isPreview = command === "preview";
  const main = /^main: (.+)$/m.exec(readFileSync("Pulumi.yaml", "utf8"))?.[1] ?? "";
  const protocol = loadProtocol(dirname(main));
  const events = openEvents(option("--event-log"));
  const config = configuration();
  const graph: Graph = { command, config, resources: [], errors: [], unknownCalls: [] };
  events.started(config);

  let program: Program | undefined;
  const monitor = await protocol.serveMonitor(monitorService({ protocol, events, graph, app, stage, isPreview }));
  const engine = await protocol.serveEngine(engineService(protocol, events, graph, () => program?.kill()));
  program = startProgram(protocol.runner, main, config, {
    monitor: monitor.address,
    engine: engine.address,
    project: app,
    stack: stage,
    organization: "organization",
    pwd: process.cwd(),
    "dry-run": String(isPreview),
  });
  const code = await program.exitCode;
  monitor.close();
  engine.close();
  if (!isPreview) writeState(app, stage, graph.resources);
  writeFileSync(process.env["TALARIA_CHECK_GRAPH"] ?? "graph.json", JSON.stringify(graph, undefined, 2));
  const isGood = code === 0 && graph.errors.length === 0;
  if (isGood) events.finished({ create: graph.resources.length });
  return isGood ? 0 : 255;
}

function destroy(): number {
  const [, app = "", stage = ""] = option("--stack").split("/");
  const events = openEvents(option("--event-log"));
  const resources = readState(app, stage);
  events.started(configuration());
  for (const resource of resources.toReversed()) events.removed(resource);
  writeState(app, stage, []);
  events.finished({ delete: resources.length });
  return 0;
}

async function answer([command = "", subcommand]: string[]): Promise<number> {
  if (command === "version") {
    console.log(engineVersion);
    return 0;
  }
  if (command === "stack" && subcommand === "init") {
    const [, app = "", stage = ""] = (words[2] ?? "").split("/");
    writeState(app, stage, []);
    return 0;
  }
  if (command === "up" || command === "preview") return runProgram(command);
  if (command === "destroy") return destroy();
  console.error(`The stand-in engine does not know “${words.join(" ")}”.`);
  return 1;
}

process.exitCode = await answer(words);
