import type Docker from "dockerode";
import { messageOf, refused, retryable } from "../../base/errors.ts";
import { optionalSetting, type Settings } from "../../base/settings.ts";
import { networkSetting, summaryOfEgress } from "../egress.ts";
import { checkedWorkspaceId, remoteWorkspace } from "../remote.ts";
import { defineShell, type ShellBackend } from "../shell.ts";
import { engineAddress, summaryOfAddress } from "./address.ts";
import { tlsSettings } from "./certificates.ts";
import { type ContainerPlan, containerOptions, defaultImage, description } from "./container.ts";
import { folder, nameOf, planDigest, planLabel, planOf } from "./container.ts";
import { engineError, engineOptions, execIn, isStatus } from "./engine.ts";

const settings = [
  optionalSetting(
    "DOCKER_HOST",
    "Where the Docker engine listens: unix:///path, tcp://host:port or https://host:port; beyond private networks only with TLS. Default: the local socket.",
  ),
  ...tlsSettings,
  optionalSetting(
    "TALARIA_DOCKER_IMAGE",
    `Image of the containers; it needs bash, coreutils, grep and util-linux. Default: ${defaultImage}.`,
  ),
  optionalSetting("TALARIA_DOCKER_CPUS", "CPUs of a container. Default: 1."),
  optionalSetting("TALARIA_DOCKER_MEMORY_MB", "Memory of a container in MB. Default: 5120."),
  networkSetting,
];

/** One container and one volume for each workspace, on any Docker engine. */
export const docker = defineShell({
  name: "docker",
  settings,
  summary: async (values) => summaryOf(planOf(values), values),
  async connect(values) {
    const { default: Engine } = await import("dockerode");
    return dockerBackend(new Engine(await engineOptions(values)), planOf(values));
  },
});

const summaryOf = ({ image, network }: ContainerPlan, values: Settings) =>
  `containers of ${image} on ${summaryOfAddress(engineAddress(values), values)}, ${summaryOfEgress(network)}`;

const dockerBackend = (engine: Docker, plan: ContainerPlan): ShellBackend => ({
  description: description(plan),
  async acquire(workspace) {
    const container = engine.getContainer(nameOf(checkedWorkspaceId(workspace)));
    const notice = await awake(engine, workspace, plan).catch((error: unknown) => {
      throw engineError(error);
    });
    return remoteWorkspace({
      exec: execIn(container),
      isIsolated: true,
      folder,
      network: plan.network,
      ...(notice === undefined ? {} : { notice }),
    });
  },
  async hibernate(workspace) {
    const container = engine.getContainer(nameOf(checkedWorkspaceId(workspace)));
    // `sleep` as a child of init ends at once; 304: it is stopped already, 404: there is none.
    await container.stop({ t: 1 }).catch((error: unknown) => {
      if (!isStatus(error, 304, 404)) throw engineError(error);
    });
  },
});

/** Makes the container run; the sentence is for the model when it is not the one that the workspace had. */
async function awake(engine: Docker, workspace: string, plan: ContainerPlan): Promise<string | undefined> {
  const container = engine.getContainer(nameOf(workspace));
  const found = await whenThere(container.inspect());
  const isOurs = found?.Config.Labels[planLabel] === planDigest(plan);
  if (found?.State.Running === true && isOurs) return undefined;
  if (found !== undefined && isOurs) return void (await start(container));
  const hadFiles = (await whenThere(engine.getVolume(nameOf(workspace)).inspect())) !== undefined;
  if (found !== undefined) await whenThere(container.remove({ force: true }));
  await create(engine, workspace, plan);
  await start(container);
  return hadFiles
    ? `The container was made anew. Files in ${folder} are as they were; files elsewhere, installed programs and running processes are gone.`
    : undefined;
}

/** Undefined when the engine knows no such thing. */
const whenThere = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (isStatus(error, 404)) return undefined;
    throw error;
  });

const start = (container: Docker.Container) =>
  container.start().catch((error: unknown) => {
    // It runs already.
    if (!isStatus(error, 304)) throw error;
  });

async function create(engine: Docker, workspace: string, plan: ContainerPlan): Promise<void> {
  const options = containerOptions(workspace, plan);
  // 409: somebody else made it meanwhile.
  const attempt = () =>
    engine.createContainer(options).catch((error: unknown) => {
      if (!isStatus(error, 409)) throw error;
    });
  await attempt().catch(async (error: unknown) => {
    if (!isStatus(error, 404)) throw error;
    await pull(engine, plan.image);
    await attempt();
  });
}

async function pull(engine: Docker, image: string): Promise<void> {
  const advice = `Set TALARIA_DOCKER_IMAGE to one that this engine has or can reach, or run: docker pull ${image}`;
  try {
    const progress = await engine.pull(image);
    await new Promise<void>((resolve, reject) => {
      engine.modem.followProgress(
        progress,
        (error) => (error ? reject(error) : resolve()),
        (line: { error?: string }) => line.error !== undefined && reject(new Error(line.error)),
      );
    });
  } catch (error) {
    const text = `The image ${image} is not on this engine and could not be fetched: ${messageOf(error).trim()}. ${advice}`;
    throw isStatus(error, 404)
      ? refused(text, { cause: error })
      : retryable(text, { cause: error, code: "shell.failed" });
  }
}
