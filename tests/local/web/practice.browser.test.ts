import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startInstance } from "../../../local/instance.ts";
import { chromiumPath, launchChromium, openPage, say } from "./browser.ts";

it.skipIf(chromiumPath === undefined)("a fresh start without any key answers on its page", async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "talaria-practice-"));
  const instance = await startInstance({ dataFolder, port: 0 });
  const browser = await launchChromium();
  try {
    const page = await openPage(browser, instance.cloud.url);
    await page.getByRole("button", { name: "How many files" }).click();
    await page.getByText("practice model").waitFor();
    expect(await page.getByRole("article", { name: "Talaria" }).innerText()).toMatch(/\b0\b/);
    await say(page, "what is 6 times 7?");
    await page.getByText("6 times 7 = 42").waitFor();
  } finally {
    await browser.close();
    await instance.close();
    rmSync(dataFolder, { recursive: true, force: true });
  }
});
