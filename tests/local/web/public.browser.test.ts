import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startInstance } from "../../../local/instance.ts";
import { chromiumPath, launchChromium, say } from "./browser.ts";

it.skipIf(chromiumPath === undefined)(
  "where the port is public, the page works with its key in the address only",
  async () => {
    const dataFolder = mkdtempSync(join(tmpdir(), "talaria-public-"));
    const overrides = { TALARIA_PUBLIC_URL: "https://agent.example" };
    const instance = await startInstance({ dataFolder, port: 0, overrides });
    const browser = await launchChromium();
    try {
      const stranger = await browser.newPage();
      await stranger.goto(instance.cloud.url);
      await say(stranger, "let me in");
      await stranger.getByText("Open this page with its key").waitFor();

      const owner = await browser.newPage();
      const key = readFileSync(join(dataFolder, "web.secret"), "utf8").trim();
      await owner.goto(`${instance.cloud.url}/#${key}`);
      await say(owner, "what is 6 times 7?");
      await owner.getByText("6 times 7 = 42").waitFor();
      expect(owner.url()).not.toContain(key);
      await owner.reload();
      await say(owner, "what is 6 times 8?");
      await owner.getByText("6 times 8 = 48").waitFor();
    } finally {
      await browser.close();
      await instance.close();
      rmSync(dataFolder, { recursive: true, force: true });
    }
  },
);
