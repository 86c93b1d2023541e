/** A real Chromium and a real agent for the tests of the page. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { startInstance, type Instance } from "../../../local/instance.ts";
import { startModelServer, type Brain, type ModelServer } from "../../fakes/model-server.ts";

const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Debian's browser, say; `CHROMIUM_PATH` names another. */
export const chromiumPath = [process.env["CHROMIUM_PATH"] ?? "", ...usualPlaces].find(
  (path) => path && existsSync(path),
);

if (chromiumPath === undefined)
  console.warn("The tests of the chat page are skipped: no Chromium was found. Name one in CHROMIUM_PATH.");

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A foreign name that points at this machine: what DNS rebinding amounts to.
  "--host-resolver-rules=MAP rebound.example 127.0.0.1",
];

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ ...(chromiumPath !== undefined && { executablePath: chromiumPath }), args: flags });

export interface PageAgent {
  instance: Instance;
  model: ModelServer;
  close(): Promise<void>;
}

/** An agent on the embedded cloud whose model does what `brain` says. */
export async function startPageAgent(brain: Brain): Promise<PageAgent> {
  const dataFolder = mkdtempSync(join(tmpdir(), "talaria-page-"));
  const model = await startModelServer(brain);
  const overrides = {
    OPENAI_BASE_URL: model.openaiUrl,
    OPENAI_API_KEY: "sk-scripted",
    TALARIA_MODEL: "openai/scripted",
  };
  const instance = await startInstance({ dataFolder, port: 0, overrides });
  return {
    instance,
    model,
    async close() {
      await instance.close();
      await model.close();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

/** Opens the page as a new person would, and fails the test on any error that the page runs into. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(url);
  return page;
}

/** Where pictures of the page are left to be looked at: `TALARIA_SCREENSHOTS`, else a temporary folder. */
export function screenshotFolder(): { path: string; remove(): void } {
  const kept = process.env["TALARIA_SCREENSHOTS"];
  if (kept) mkdirSync(kept, { recursive: true });
  const path = kept ?? mkdtempSync(join(tmpdir(), "talaria-screenshots-"));
  return { path, remove: () => (kept ? undefined : rmSync(path, { recursive: true, force: true })) };
}

export const say = async (page: Page, text: string): Promise<void> => {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.keyboard.press("Enter");
};
