import { startFauxqs } from "fauxqs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud } from "../../../local/cloud/index.ts";
import { clientSettings, emptyManifest } from "./support.ts";

export interface Peer {
  settings: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  close(): Promise<void>;
}

/** Ours, and an independent emulator: what both answer alike is S3, not our idea of it. */
export const peers = {
  "the embedded cloud": async (): Promise<Peer> => {
    const dataFolder = mkdtempSync(join(tmpdir(), "talaria-s3-"));
    const cloud = await startCloud({
      manifest: emptyManifest,
      dataFolder,
      environment: {},
      mode: "in-process",
      port: 0,
    });
    const close = async () => {
      await cloud.close();
      rmSync(dataFolder, { recursive: true });
    };
    return { settings: clientSettings(cloud, "S3"), close };
  },
  fauxqs: async (): Promise<Peer> => {
    const server = await startFauxqs({ port: 0, logger: false });
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const endpoint = server.address.replace("localhost", "127.0.0.1");
    return { settings: { endpoint, region: "us-east-1", credentials }, close: () => server.stop() };
  },
};
