import type { App, Image, ModalClient, ModalClientParams, Sandbox, SandboxCreateParams } from "modal";
import type { Egress } from "../egress.ts";

export interface ModalOptions {
  tokenId: string;
  tokenSecret: string;
  /** Absent: Modal's own. */
  serverUrl: string | undefined;
  app: string;
  image: string;
  cpu: number | undefined;
  memoryMb: number | undefined;
  network: Egress;
}

/** The client, and what its sandboxes are made of. All methods reject as the client does. */
export interface ModalAccount {
  client: ModalClient;
  /** What must never be in a message. */
  secrets: readonly string[];
  /** What its sandboxes may reach, as a text to compare with: a sandbox keeps the rule that it was made with. */
  network: string;
  /** A new sandbox with the files of this image; absent: of the configured one. */
  create(image?: Image): Promise<Sandbox>;
  /** The same object for the same id, so that its connection is used again. */
  sandbox(id: string): Promise<Sandbox>;
  /** Ends the connection to a sandbox that nobody needs any more. */
  forget(id: string): void;
  close(): void;
}

/** A day is the longest life that Modal gives a sandbox (modal.com/docs/guide/sandboxes). */
export const maxLifetimeMs = 24 * 60 * 60 * 1_000;

export async function openModal(options: ModalOptions): Promise<ModalAccount> {
  const client = await connectTo(options);
  const sandboxes = new Map<string, Sandbox>();
  const base = client.images.fromRegistry(options.image);
  let app: App | undefined;
  const forget = (id: string) => {
    sandboxes.get(id)?.detach();
    sandboxes.delete(id);
  };
  return {
    client,
    secrets: [options.tokenSecret, options.tokenId],
    network: JSON.stringify(options.network),
    async create(image = base) {
      app ??= await client.apps.fromName(options.app, { createIfMissing: true });
      const sandbox = await client.sandboxes.create(app, image, creation(options));
      sandboxes.set(sandbox.sandboxId, sandbox);
      return sandbox;
    },
    async sandbox(id) {
      const sandbox = sandboxes.get(id) ?? (await client.sandboxes.fromId(id));
      sandboxes.set(id, sandbox);
      return sandbox;
    },
    forget,
    close: () => {
      [...sandboxes.keys()].forEach(forget);
      client.close();
    },
  };
}

const creation = ({ cpu, memoryMb, network }: ModalOptions): SandboxCreateParams => ({
  command: ["sleep", "infinity"],
  timeoutMs: maxLifetimeMs,
  ...networkOf(network),
  ...(cpu === undefined ? {} : { cpu }),
  ...(memoryMb === undefined ? {} : { memoryMiB: memoryMb }),
});

/** Of names Modal lets TLS on port 443 through, of ranges everything (modal.com/docs/guide/sandbox-networking). */
function networkOf(egress: Egress): SandboxCreateParams {
  if (egress.kind !== "listed") return { blockNetwork: egress.kind === "closed" };
  return { outboundDomainAllowlist: [...egress.names], outboundCidrAllowlist: [...egress.ranges] };
}

/** What it would write to the console (the address, in warnings) is of no use to anybody. */
const silent = { debug() {}, info() {}, warn() {}, error() {} };

async function connectTo({ tokenId, tokenSecret, serverUrl }: ModalOptions): Promise<ModalClient> {
  const { ModalClient } = await import("modal");
  const credentials: ModalClientParams = { tokenId, tokenSecret, logger: silent };
  const client = new ModalClient(credentials);
  if (!serverUrl) return client;
  // The client takes another address from the environment only, which core leaves alone. This one never calls its
  // first address: it fetches the access tokens, and the second client makes the calls.
  Object.assign(client, { cpClient: client.ipClient(serverUrl) });
  const elsewhere = new ModalClient({ ...credentials, cpClient: client.cpClient });
  elsewhere.profile.serverUrl = serverUrl;
  return elsewhere;
}
