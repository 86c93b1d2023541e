/**
 * The vendor's two generated clients, on which its SDK is built, and not the SDK: that opens a WebSocket as soon as it
 * is made, loads its parts in a way no bundler sees, and is 1,013 KB and 140 ms of CPU against 616 KB and 105 ms.
 */
import type { CreateSandbox, Sandbox } from "@daytona/api-client";
import type { ExecuteResponse } from "@daytona/toolbox-api-client";
import type { Egress } from "../egress.ts";
import { networkOf, type NetworkSettings } from "./network.ts";

export interface DaytonaOptions {
  apiKey: string;
  apiUrl: string;
  /** The region; absent: the organisation's default. */
  target: string | undefined;
  /** What a new sandbox is made from; absent: Daytona's default image. */
  snapshot: string | undefined;
  network: Egress;
}

/** What the shell asks of Daytona. Failures are those of the clients (see failures.ts). */
export interface DaytonaAccount {
  apiKey: string;
  /** What its sandboxes may reach. */
  network: NetworkSettings;
  /** A new sandbox, which may have to start yet. */
  create(): Promise<DaytonaSandbox>;
  get(id: string): Promise<DaytonaSandbox>;
  start(id: string): Promise<void>;
  stop(id: string): Promise<void>;
  /** Repairs one in the state `error`. */
  recover(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Gives a sandbox the account's rule of what it may reach, in place of the one that it has. */
  setNetwork(id: string): Promise<void>;
  /** What runs in a sandbox that is awake. */
  machine(sandbox: DaytonaSandbox): DaytonaMachine;
}

export type DaytonaSandbox = Pick<
  Sandbox,
  "id" | "state" | "recoverable" | "errorReason" | "toolboxProxyUrl" | keyof NetworkSettings
>;

export interface DaytonaMachine {
  /** Resolves when the command has ended, with all that it wrote. Whether a shell reads it depends on the version. */
  execute(command: string, limits: CallLimits): Promise<ExecuteResponse>;
  /** Makes the folders of the files too. */
  upload(files: readonly DaytonaFile[], limits: CallLimits): Promise<void>;
}

export interface DaytonaFile {
  path: string;
  content: Uint8Array;
}

export interface CallLimits {
  timeoutMs: number;
  signal: AbortSignal;
}

/** Nobody used it for a day: then it stops, should we have lost sight of it. Minutes. */
const stopAfterMinutes = 24 * 60;
/** The client's own time-outs do not hold in every case. */
const callMs = 60_000;

const limited = (limits?: CallLimits) => {
  const timeout = AbortSignal.timeout(limits?.timeoutMs ?? callMs);
  return { signal: limits === undefined ? timeout : AbortSignal.any([limits.signal, timeout]) };
};

export async function openDaytona(options: DaytonaOptions): Promise<DaytonaAccount> {
  const [api, toolbox] = await Promise.all([import("@daytona/api-client"), import("@daytona/toolbox-api-client")]);
  const headers = { Authorization: `Bearer ${options.apiKey}`, "X-Daytona-Source": "talaria" };
  const sandboxes = new api.SandboxApi(new api.Configuration({ basePath: options.apiUrl, baseOptions: { headers } }));
  const organisation = undefined;
  const network = networkOf(options.network);
  return {
    apiKey: options.apiKey,
    network,
    create: async () => (await sandboxes.createSandbox(creationOf(options), organisation, limited())).data,
    get: async (id) => (await sandboxes.getSandbox(id, organisation, undefined, limited())).data,
    start: async (id) => void (await sandboxes.startSandbox(id, organisation, limited())),
    stop: async (id) => void (await sandboxes.stopSandbox(id, organisation, undefined, limited())),
    recover: async (id) => void (await sandboxes.recoverSandbox(id, organisation, undefined, limited())),
    remove: async (id) => void (await sandboxes.deleteSandbox(id, organisation, limited())),
    setNetwork: async (id) => void (await sandboxes.updateNetworkSettings(id, network, organisation, limited())),
    machine({ id, toolboxProxyUrl }) {
      const basePath = `${toolboxProxyUrl.replace(/\/+$/, "")}/${id}`;
      const configuration = new toolbox.Configuration({ basePath, baseOptions: { headers } });
      const processes = new toolbox.ProcessApi(configuration);
      const disk = new toolbox.FileSystemApi(configuration);
      return {
        async execute(command, limits) {
          const request = { command, timeout: Math.ceil(limits.timeoutMs / 1_000) };
          return (await processes.executeCommand(request, limited(limits))).data;
        },
        async upload(files, limits) {
          await disk.uploadFiles({ data: formOf(files), ...limited(limits), maxBodyLength: Infinity });
        },
      };
    },
  };
}

/** What all new sandboxes are made of. */
export const creationOf = ({ target, snapshot, network }: DaytonaOptions): CreateSandbox => ({
  labels: { app: "talaria" },
  autoStopInterval: stopAfterMinutes,
  ...networkOf(network),
  ...(target === undefined ? {} : { target }),
  ...(snapshot === undefined ? {} : { snapshot }),
});

/** The fields of Daytona's bulk upload: each file's path before its content. */
function formOf(files: readonly DaytonaFile[]): FormData {
  const form = new FormData();
  for (const [index, { path, content }] of files.entries()) {
    form.append(`files[${index}].path`, path);
    form.append(`files[${index}].file`, new Blob([Uint8Array.from(content)]), path);
  }
  return form;
}
