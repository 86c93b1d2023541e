/**
 * Preloaded into every worker of the strict Lambda mode: numbers each outside call (AWS, model, platform, shell) over all
 * workers, and ends the worker just before or just after the one that the harness has armed.
 */
import childProcess from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import type { Armed } from "./arm.ts";

const folder = process.env["TALARIA_FAULT_FOLDER"] ?? "";

/** The call's number: a file per call, made exclusively, so that two workers never share one. */
function numberOf(name: string): number {
  for (let next = 1; ; next += 1) {
    try {
      const file = openSync(join(folder, String(next)), "wx");
      writeFileSync(file, name);
      closeSync(file);
      return next;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

function armed(): Armed | undefined {
  const file = join(folder, "armed");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Armed) : undefined;
}

/** Numbers a call and dies before it when that is armed; the answer says whether to die after it. */
function enter(name: string): () => void {
  if (!existsSync(join(folder, "armed"))) return () => {};
  const number = numberOf(name);
  const die = (when: Armed["when"]) => {
    const plan = armed();
    if (plan?.at !== number || plan.when !== when) return;
    writeFileSync(join(folder, "fired"), `${when} call ${number}: ${name}`);
    process.exit(1);
  };
  die("before");
  return () => die("after");
}

const request = http.request;
http.request = ((...args: Parameters<typeof http.request>) => {
  const options = (typeof args[0] === "object" ? args[0] : {}) as http.RequestOptions;
  const target = (options.headers as Record<string, string> | undefined)?.["x-amz-target"];
  const leave = enter(target ?? `${options.method} ${options.path}`);
  const made: http.ClientRequest = Reflect.apply(request, http, args);
  return made.once("response", leave);
}) as typeof http.request;

const spawn = childProcess.spawn;
childProcess.spawn = ((...args: unknown[]) => {
  const leave = enter("shell");
  const child = Reflect.apply(spawn, childProcess, args) as childProcess.ChildProcess;
  return child.once("exit", leave);
}) as typeof childProcess.spawn;

const fetch = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : String(input));
  const target = input instanceof Request ? input.headers.get("x-amz-target") : null;
  const leave = enter(target ?? url.pathname.replace(/\/bot[^/]+/, "telegram"));
  const response = await fetch(input, init);
  // The other side has done its part only when its whole answer is here.
  if (armed()) await response.clone().arrayBuffer();
  leave();
  return response;
};

syncBuiltinESMExports();
