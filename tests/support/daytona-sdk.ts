/** Daytona's own SDK where it is installed (`npm ci --prefix tests/sdk/daytona`), and a shell's account on it. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import type { CreateSandbox, UpdateSandboxNetworkSettings } from "@daytona/api-client";
import {
  creationOf,
  type DaytonaAccount,
  type DaytonaOptions,
  type DaytonaSandbox,
} from "../../core/shells/daytona/account.ts";
import { networkOf } from "../../core/shells/daytona/network.ts";

/** What the tests use of it, written down here so that types hold where it is not installed. */
interface Sdk {
  Daytona: new (config: SdkConfig) => SdkClient;
  DaytonaError: new (...given: never[]) => SdkError;
}

interface SdkConfig {
  apiKey: string;
  apiUrl: string;
  /** Looks for a new state itself, where it would be told over a WebSocket. */
  useDeprecatedPolling?: boolean;
}

interface SdkClient extends AsyncDisposable {
  create(params?: SdkCreation): Promise<SdkSandbox>;
  get(id: string): Promise<SdkSandbox>;
}

type SdkCreation = CreateSandbox & { envVars?: Record<string, string> };

interface SdkError extends Error {
  statusCode?: number;
  headers?: Record<string, string>;
}

interface SdkSandbox extends DaytonaSandbox {
  labels: Record<string, string>;
  process: SdkProcess;
  fs: SdkFiles;
  start(): Promise<void>;
  stop(): Promise<void>;
  recover(): Promise<void>;
  delete(): Promise<void>;
  refreshData(): Promise<void>;
  updateNetworkSettings(settings: UpdateSandboxNetworkSettings): Promise<void>;
}

interface SdkProcess {
  executeCommand(
    command: string,
    cwd?: string,
    env?: Record<string, string>,
    timeoutSeconds?: number,
  ): Promise<{ exitCode: number; result: string }>;
  createSession(id: string): Promise<void>;
  getSession(id: string): Promise<{ commands: SdkCommand[] }>;
  deleteSession(id: string): Promise<void>;
  executeSessionCommand(id: string, request: { command: string; runAsync?: boolean }): Promise<SdkSessionAnswer>;
  getSessionCommand(id: string, commandId: string): Promise<SdkCommand>;
  getSessionCommandLogs(id: string, commandId: string): Promise<{ stdout: string; stderr: string }>;
}

interface SdkCommand {
  id: string;
  command: string;
  exitCode?: number;
}

interface SdkSessionAnswer {
  cmdId: string;
  exitCode?: number;
  stdout: string;
  stderr: string;
}

interface SdkFiles {
  uploadFile(content: Buffer, path: string): Promise<void>;
  uploadFiles(files: { source: Buffer; destination: string }[]): Promise<void>;
  downloadFile(path: string): Promise<Buffer>;
}

const folder = new URL("../sdk/daytona/", import.meta.url);

/** `undefined`, with the reason printed, where it is not installed. */
export function daytonaSdk(): Sdk | undefined {
  if (existsSync(new URL("node_modules/@daytona/sdk", folder)))
    return createRequire(new URL("package.json", folder))("@daytona/sdk") as Sdk;
  console.log("skipped: Daytona's SDK is not installed (npm ci --prefix tests/sdk/daytona)");
  return undefined;
}

/** The same calls as those of our own account, by the SDK's public methods. */
export function sdkAccount(sdk: Sdk, options: DaytonaOptions): DaytonaAccount {
  const { apiKey, apiUrl } = options;
  const client = new sdk.Daytona({ apiKey, apiUrl, useDeprecatedPolling: true });
  const network = networkOf(options.network);
  const on = async (id: string, act: (sandbox: SdkSandbox) => Promise<void>) => act(await client.get(id));
  const told = <Result>(call: Promise<Result>) =>
    call.catch((error: unknown) => Promise.reject(asAnswered(sdk, error)));
  return {
    apiKey,
    network,
    create: () => told(client.create(creationOf(options))),
    get: (id) => told(client.get(id)),
    start: (id) => told(on(id, (sandbox) => sandbox.start())),
    stop: (id) => told(on(id, (sandbox) => sandbox.stop())),
    recover: (id) => told(on(id, (sandbox) => sandbox.recover())),
    remove: (id) => told(on(id, (sandbox) => sandbox.delete())),
    setNetwork: (id) => told(on(id, (sandbox) => sandbox.updateNetworkSettings(network))),
    machine(sandbox) {
      // One that `create` or `get` has returned.
      const { process, fs } = sandbox as SdkSandbox;
      return {
        execute: (command, { timeoutMs, signal }) =>
          until(signal, told(process.executeCommand(command, undefined, undefined, timeoutMs / 1_000))),
        upload: (files, { signal }) =>
          until(
            signal,
            told(
              fs.uploadFiles(files.map(({ path, content }) => ({ source: Buffer.from(content), destination: path }))),
            ),
          ),
      };
    },
  };
}

/** A failure of the SDK as the clients below it throw it. */
function asAnswered({ DaytonaError }: Sdk, error: unknown): unknown {
  if (!(error instanceof DaytonaError) || error.statusCode === undefined) return error;
  const { statusCode: status, headers, message } = error;
  return Object.assign(new Error(message), { response: { status, headers: { ...headers }, data: { message } } });
}

/** The SDK's methods take no signal. */
function until<Result>(signal: AbortSignal, call: Promise<Result>): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  return Promise.race([call, promise]);
}
