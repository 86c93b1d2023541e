import { createHash } from "node:crypto";
import type { ContainerCreateOptions } from "dockerode";
import { refused } from "../../base/errors.ts";
import type { Settings } from "../../base/settings.ts";
import { describeEgress, type Egress, type EgressSupport, egressOf } from "../egress.ts";

export interface ContainerPlan {
  image: string;
  cpus: number;
  memoryMb: number;
  network: Egress;
}

/** Debian with git, curl, a compiler and Python. */
export const defaultImage = "python:3.13-bookworm";
const defaultCpus = 1;
const defaultMemoryMb = 5_120;
const maxProcesses = 256;

/** The volume is mounted here; what else a container holds goes with it. */
export const folder = "/workspace";

const egress: EgressSupport = {
  shell: "docker",
  keeps: ["closed", "open"],
  because: "a Docker engine knows only a whole network or none.",
  byDefault: "closed",
};

export const planOf = (settings: Settings): ContainerPlan => ({
  image: withTag(settings["TALARIA_DOCKER_IMAGE"] || defaultImage),
  cpus: positive(settings, "TALARIA_DOCKER_CPUS", defaultCpus),
  memoryMb: positive(settings, "TALARIA_DOCKER_MEMORY_MB", defaultMemoryMb),
  network: egressOf(settings, egress),
});

/** An engine that is asked for an image without a tag fetches all of its tags. */
const withTag = (image: string) => (/[:@][^/]*$/.test(image) ? image : `${image}:latest`);

function positive(settings: Settings, name: string, fallback: number): number {
  const value = Number(settings[name] || fallback);
  if (value > 0 && Number.isFinite(value)) return value;
  throw refused(`${name} must be a number above 0.`);
}

/** Container and volume of a workspace have the same name. */
export const nameOf = (workspace: string): string => `talaria-${workspace}`;

/** Says what a container was made with, so that one of other settings (an open network, say) is not used on. */
export const planLabel = "talaria.plan";
export const planDigest = (plan: ContainerPlan): string =>
  createHash("sha256").update(JSON.stringify(plan)).digest("hex").slice(0, 16);

/**
 * A container that only waits; every script is an exec in it. Its root is the container's alone: without capabilities
 * but the three that installing software and owning files take, and without a way to gain others.
 */
export const containerOptions = (workspace: string, plan: ContainerPlan): ContainerCreateOptions => ({
  name: nameOf(workspace),
  Image: plan.image,
  Entrypoint: [],
  Cmd: ["sleep", "infinity"],
  WorkingDir: folder,
  Labels: { "talaria.workspace": workspace, [planLabel]: planDigest(plan) },
  HostConfig: {
    // Reaps what a script leaves behind.
    Init: true,
    Mounts: [{ Type: "volume", Source: nameOf(workspace), Target: folder }],
    NetworkMode: plan.network.kind === "open" ? "bridge" : "none",
    CapDrop: ["ALL"],
    CapAdd: ["CHOWN", "DAC_OVERRIDE", "FOWNER"],
    SecurityOpt: ["no-new-privileges"],
    PidsLimit: maxProcesses,
    NanoCpus: Math.round(plan.cpus * 1e9),
    Memory: plan.memoryMb * 1024 * 1024,
    // The same number means: no swap on top.
    MemorySwap: plan.memoryMb * 1024 * 1024,
  },
});

export const description = ({ image, cpus, memoryMb, network }: ContainerPlan): string =>
  `A private container of the image ${image}, ${cpus} CPU, ${memoryMb} MB. You are root without most of its powers. ` +
  `${folder} is your home and lasts; files elsewhere last until the container is made anew. ` +
  describeEgress(network);
