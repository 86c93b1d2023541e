import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import type { Brain, Reply, SeenRequest } from "../../fakes/model-server.ts";
import { eventually } from "../cloud/support.ts";
import {
  chromiumPath,
  launchChromium,
  openPage,
  say,
  screenshotFolder,
  startPageAgent,
  type PageAgent,
} from "./browser.ts";
import { showcase } from "./showcase.ts";

const lastUserText = ({ messages }: SeenRequest) => messages.findLast(({ role }) => role === "user");
const scripts: Record<string, Reply> = {
  showcase: { text: showcase, chunkSize: 400 },
  slowly: {
    text: "A reply that grows while one is looking at it, word by word, until it is whole.",
    chunkSize: 4,
    delayMs: 70,
  },
  endless: { text: "On and on it goes. ".repeat(500), chunkSize: 8, delayMs: 50 },
  html: {
    text: 'Look: <img src=x onerror="document.title=\'owned\'"> [run](javascript:document.title="owned") <script>document.title="owned"</script>',
  },
};
const brain: Brain = (request) => {
  const message = lastUserText(request);
  const text = message?.role === "user" ? message.text : "";
  return scripts[text] ?? { text: `You said: ${text}` };
};

describe.skipIf(chromiumPath === undefined)("the chat page, in Chromium", () => {
  let agent: PageAgent;
  let browser: Browser;
  const screenshots = screenshotFolder();
  const url = () => agent.instance.cloud.url;
  const replies = (page: Page) => page.getByRole("article", { name: "Talaria" });
  const lastReply = (page: Page) => replies(page).last();
  const isFinal = (page: Page) => lastReply(page).and(page.locator('[aria-busy="false"]'));

  beforeAll(async () => {
    [agent, browser] = await Promise.all([startPageAgent(brain), launchChromium()]);
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await agent?.close();
    screenshots.remove();
  });

  it("sends with Enter, shows the reply, and goes on", async () => {
    const page = await openPage(browser, url());
    await say(page, "hello there");
    await page.getByText("You said: hello there").waitFor();
    await say(page, "and again");
    await page.getByText("You said: and again").waitFor();
    expect(await page.getByRole("article").allInnerTexts()).toEqual([
      "hello there",
      "You said: hello there",
      "and again",
      "You said: and again",
    ]);
  });

  it("begins a new line with Shift+Enter, and sends no empty message", async () => {
    const page = await openPage(browser, url());
    const field = page.getByRole("textbox", { name: "Message" });
    await field.press("Enter");
    expect(await page.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
    await field.pressSequentially("one");
    await field.press("Shift+Enter");
    await field.pressSequentially("two");
    expect(await field.inputValue()).toBe("one\ntwo");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("You said: one").waitFor();
    expect(await page.getByRole("article").count()).toBe(2);
  });

  it("shows a reply while it grows", async () => {
    const page = await openPage(browser, url());
    await say(page, "slowly");
    const lengths = new Set<number>();
    await eventually("the reply is whole", async () => {
      if ((await replies(page).count()) === 0) return false;
      lengths.add((await lastReply(page).innerText()).length);
      return (await isFinal(page).count()) > 0;
    });
    expect(lengths.size).toBeGreaterThanOrEqual(3);
    expect((await lastReply(page).innerText()).trim()).toBe(scripts["slowly"]?.text);
    expect(await page.getByRole("button", { name: "Stop" }).isVisible()).toBe(false);
  });

  it("keeps HTML in a reply as text, and runs no address", async () => {
    const page = await openPage(browser, url());
    await say(page, "html");
    await isFinal(page).waitFor();
    expect(await lastReply(page).innerText()).toContain("<img src=x onerror=");
    expect(await lastReply(page).locator("img, script, a").count()).toBe(0);
    expect(await page.title()).toBe("Talaria");
  });

  it("stops a reply that is being written, with the button", async () => {
    const page = await openPage(browser, url());
    await say(page, "endless");
    await page.getByText("On and on").waitFor();
    await page.screenshot({ path: `${screenshots.path}/working.png` });
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped.").waitFor();
    await page.getByRole("button", { name: "Stop" }).waitFor({ state: "hidden" });
    await say(page, "still there?");
    await page.getByText("You said: still there?").waitFor();
    expect(await page.getByText("On and on").count()).toBe(0);
  });

  it("begins a new session with the button", async () => {
    const page = await openPage(browser, url());
    await say(page, "first session");
    await page.getByText("You said: first session").waitFor();
    await page.getByRole("button", { name: "New session" }).click();
    await page.getByText("A new session begins").waitFor();
    await say(page, "second session");
    await page.getByText("You said: second session").waitFor();
    expect(agent.model.requests.at(-1)?.raw).not.toContain("first session");
  });

  it("has the conversation again after a reload, and its next reply", async () => {
    const page = await openPage(browser, url());
    await say(page, "slowly");
    await page.getByText("A reply that").waitFor();
    await page.reload();
    await isFinal(page).waitFor();
    expect(await page.getByRole("article").count()).toBe(2);
    expect((await lastReply(page).innerText()).trim()).toBe(scripts["slowly"]?.text);
  });

  it("says when the agent cannot be reached, and sends what was written when it is back", async () => {
    const page = await openPage(browser, url());
    await page.context().setOffline(true);
    await say(page, "are you there?");
    await page.getByRole("alert").getByText("cannot be reached").waitFor();
    await page.screenshot({ path: `${screenshots.path}/unreachable.png` });
    await page.context().setOffline(false);
    await page.getByText("You said: are you there?").waitFor();
    await page.getByRole("alert").waitFor({ state: "hidden" });
    expect(agent.model.requests.filter(({ raw }) => raw.includes("are you there?")).length).toBe(1);
  });

  it("tells the person to reload when its token is not the agent's any more", async () => {
    const page = await openPage(browser, url());
    await page.route("**/webhooks/web*", (route) =>
      route.fulfill({ status: 401, json: { error: "The token is not the one of this agent." } }),
    );
    await say(page, "hello");
    await page.getByText("reload this page").waitFor();
    await page.getByText("Not sent.").waitFor();
    expect(await replies(page).count()).toBe(0);
  });

  it("shares the conversation between two tabs", async () => {
    const page = await openPage(browser, url());
    const second = await page.context().newPage();
    await second.goto(url());
    await say(page, "from the first tab");
    await second.getByText("You said: from the first tab").waitFor();
    expect(await second.getByRole("article", { name: "You" }).allInnerTexts()).toEqual(["from the first tab"]);
  });

  it("copies code with a button", async () => {
    const page = await openPage(browser, url(), { permissions: ["clipboard-read", "clipboard-write"] });
    await say(page, "showcase");
    await isFinal(page).waitFor();
    await page.getByRole("button", { name: "Copy" }).first().click();
    await page.getByText("Copied").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toContain("export const fibonacci");
  });

  it("runs without a complaint of the browser, and asks no other host for anything", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    const hosts = new Set<string>();
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => hosts.add(new URL(request.url()).origin));
    await page.goto(url());
    await say(page, "showcase");
    await isFinal(page).waitFor();
    expect(complaints).toEqual([]);
    expect([...hosts]).toEqual([url()]);
  });

  it.each([
    ["light", { width: 1100, height: 900 }],
    ["dark", { width: 1100, height: 900 }],
    ["light", { width: 375, height: 740 }],
    ["dark", { width: 375, height: 740 }],
  ] as const)("fits a %s screen of %j", async (colorScheme, viewport) => {
    const page = await openPage(browser, url(), { colorScheme, viewport });
    const name = `${screenshots.path}/${colorScheme}-${viewport.width}`;
    await page.screenshot({ path: `${name}-empty.png` });
    await say(page, "showcase");
    await isFinal(page).waitFor();
    await page.screenshot({ path: `${name}-end.png` });
    const overflow = "document.documentElement.scrollWidth - innerWidth + scroller.scrollWidth - scroller.clientWidth";
    expect(await page.evaluate(overflow)).toBe(0);
    await page.evaluate("scroller.scrollTop = 0");
    await page.screenshot({ path: `${name}-start.png` });
    const background = await page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]");
    expect(Number(background) > 128).toBe(colorScheme === "light");
  });
});
