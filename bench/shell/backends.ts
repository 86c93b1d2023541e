import type { Settings } from "../../core/base/settings.ts";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bubblewrapRunner } from "../../core/shells/local/bubblewrap.ts";
import { hostRunner } from "../../core/shells/local/host.ts";
import { justBashRunner } from "../../core/shells/local/just-bash.ts";
import { localBackend } from "../../core/shells/local/local.ts";
import type { LocalRunner } from "../../core/shells/local/runner.ts";
import { docker } from "../../core/shells/docker/docker.ts";
import { daytona } from "../../core/shells/daytona/daytona.ts";
import { ecs } from "../../core/shells/ecs/ecs.ts";
import { microvm } from "../../core/shells/microvm/microvm.ts";
import { modal } from "../../core/shells/modal/modal.ts";
import type { Shell, ShellBackend } from "../../core/shells/shell.ts";
import { singularity } from "../../core/shells/singularity.ts";
import { ssh } from "../../core/shells/ssh.ts";
import { writeApptainer } from "../../tests/fakes/apptainer.ts";
import { startArchiveStore } from "../../tests/fakes/archive-store.ts";
import { sandboxMissing } from "../../tests/fakes/bubblewrap-container.ts";
import { startDaytona } from "../../tests/fakes/daytona-server.ts";
import { startFakeDocker } from "../../tests/fakes/docker-engine.ts";
import { ecsSettings, startEcsControlPlane } from "../../tests/fakes/ecs-control-plane.ts";
import { microvmSettings, startMicrovmControlPlane } from "../../tests/fakes/microvm-control-plane.ts";
import { startModal } from "../../tests/fakes/modal-server.ts";
import { missingForBoxes } from "../../tests/fakes/sandbox-box.ts";
import { sshdMissing, startSshServer } from "../../tests/fakes/ssh-server.ts";
import { shellPorts } from "../../tests/support/shell-ports.ts";

export interface OpenBackend {
  backend: ShellBackend;
  close(): Promise<void>;
}

export interface BenchBackend {
  name: string;
  /** Ten gigabytes of output are measured too, which take about a minute. */
  isFlooded?: boolean;
  /** Resolves to the reason when it cannot run on this machine. */
  open(): Promise<OpenBackend | string>;
}

async function onFolder(runnerIn: (folder: string) => Promise<LocalRunner | undefined>): Promise<OpenBackend | string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "talaria-bench-shell-")));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  const runner = await runnerIn(folder);
  if (runner !== undefined) return besides({ close: remove }, Promise.resolve(localBackend(runner, folder)));
  await remove();
  return "bubblewrap (bwrap) does not work here";
}

interface Server {
  close(): Promise<void>;
}

/** A backend and the server that stands in for its service; both are closed together. */
async function besides(server: Server, connecting: Promise<ShellBackend>): Promise<OpenBackend> {
  const backend = await connecting;
  const close = async () => {
    await backend.close?.();
    await server.close();
  };
  return { backend, close };
}

async function openDocker(): Promise<OpenBackend | string> {
  const missing = sandboxMissing();
  if (missing !== undefined) return missing;
  const engine = await startFakeDocker();
  return besides(engine, docker.connect({ DOCKER_HOST: `unix://${engine.socketPath}` }, shellPorts()));
}

async function openSsh(): Promise<OpenBackend | string> {
  const missing = sshdMissing();
  if (missing !== undefined) return missing;
  const server = await startSshServer();
  return besides(server, ssh.connect(server.settings, shellPorts()));
}

/** An image that is not read: the stand-in takes the system's own programs. */
async function openSingularity(): Promise<OpenBackend | string> {
  const missing = sshdMissing() ?? sandboxMissing();
  if (missing !== undefined) return missing;
  const folder = await mkdtemp(join(tmpdir(), "talaria-bench-singularity-"));
  const apptainer = await writeApptainer(folder);
  const image = join(folder, "image.sif");
  await writeFile(image, "");
  const server = await startSshServer({ programs: folder });
  const close = async () => {
    await apptainer.stopAll();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  };
  const settings = { ...server.settings, TALARIA_SINGULARITY_IMAGE: image };
  return besides({ close }, singularity.connect(settings, shellPorts()));
}

async function openModal(): Promise<OpenBackend | string> {
  const missing = missingForBoxes();
  if (missing !== undefined) return missing;
  const server = await startModal();
  const { url, token } = server;
  const settings = { MODAL_TOKEN_ID: token.id, MODAL_TOKEN_SECRET: token.secret, MODAL_SERVER_URL: url };
  return besides(server, modal.connect(settings, shellPorts()));
}

async function openDaytona(): Promise<OpenBackend | string> {
  const missing = missingForBoxes();
  if (missing !== undefined) return missing;
  const server = await startDaytona();
  return besides(
    server,
    daytona.connect({ DAYTONA_API_KEY: server.apiKey, DAYTONA_API_URL: server.url }, shellPorts()),
  );
}

/** The real exec agent, on this machine, behind a control plane on loopback; snapshots go to a bucket on loopback. */
async function openAgent(shell: Shell, settings: Settings, start: () => Promise<Server>): Promise<OpenBackend> {
  const [aws, store] = [await start(), await startArchiveStore()];
  const close = async () => {
    await aws.close();
    await store.close();
  };
  return besides({ close }, shell.connect(settings, shellPorts({ archives: store.archives })));
}

/** All that can run without an account: on this machine itself, or with our client against a server on loopback. */
export const backends: readonly BenchBackend[] = [
  { name: "bare bash", open: () => onFolder(async () => hostRunner()) },
  {
    name: "bubblewrap",
    isFlooded: true,
    open: () => onFolder((folder) => bubblewrapRunner({ kind: "closed" }, folder)),
  },
  { name: "just-bash", open: () => onFolder(async () => justBashRunner()) },
  { name: "docker (stand-in)", open: openDocker },
  { name: "ssh to loopback", open: openSsh },
  { name: "singularity over ssh (stand-in)", open: openSingularity },
  { name: "modal (stand-in)", open: openModal },
  { name: "daytona (stand-in)", open: openDaytona },
  { name: "ecs (stand-in, real agent)", open: () => openAgent(ecs, ecsSettings, startEcsControlPlane) },
  { name: "microvm (stand-in, real agent)", open: () => openAgent(microvm, microvmSettings, startMicrovmControlPlane) },
];
