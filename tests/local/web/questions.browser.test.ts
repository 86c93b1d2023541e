import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import { systemClock } from "../../../core/base/clock.ts";
import type { Outbound } from "../../../core/platforms/platform.ts";
import { web } from "../../../core/platforms/web.ts";
import { dynamoDbSdk } from "../../../core/store/dynamodb-sdk.ts";
import { openMailbox } from "../../../core/store/mailbox.ts";
import { openTable } from "../../../core/store/table.ts";
import { resourceEnvironment } from "../../../stacks/manifest.ts";
import { clientSettings } from "../cloud/support.ts";
import type { Brain } from "../../fakes/model-server.ts";
import {
  chromiumPath,
  launchChromium,
  openPage,
  say,
  screenshotFolder,
  startPageAgent,
  type PageAgent,
} from "./browser.ts";

const buttons = [
  { payload: "q1:once", label: "Allow once" },
  { payload: "q1:always", label: "Allow in this conversation" },
  { payload: "q1:no", label: "Deny" },
];
const question = "May I run this in your project?\n\n```bash\nrm -rf build && npm publish\n```";

const clarify = { name: "clarify", arguments: { question: "Which city?", choices: ["Rome", "Paris"] } };
const brain: Brain = ({ messages }) => {
  const last = messages.at(-1);
  if (last?.role === "user") return { toolCalls: [clarify] };
  return { text: `The answer was ${last?.role === "tool" ? last.content : "lost"}` };
};

describe.skipIf(chromiumPath === undefined)("a question on the chat page, in Chromium", () => {
  let agent: PageAgent;
  let browser: Browser;
  let client: DynamoDBClient;
  const screenshots = screenshotFolder();
  const answers = (page: Page) => page.getByRole("group", { name: "Answers" }).getByRole("button");
  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

  beforeAll(async () => {
    [agent, browser] = await Promise.all([startPageAgent(brain), launchChromium()]);
    client = new DynamoDBClient(clientSettings(agent.instance.cloud, "DYNAMODB"));
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });
  afterAll(async () => {
    client?.destroy();
    await browser?.close();
    await agent?.close();
    screenshots.remove();
  });

  /** A page, and the agent's own way of writing to it. */
  async function open(
    options = {},
  ): Promise<{ page: Page; outbound: Outbound; place: { chat: string } & typeof here }> {
    const page = await openPage(browser, agent.instance.cloud.url, options);
    const chat = await page.evaluate<string>("localStorage.getItem('talaria.chat')");
    const table = openTable(agent.instance.cloud.awsEnvironment[resourceEnvironment.table] ?? "", dynamoDbSdk(client));
    const mailbox = openMailbox(table, "main", "web", Date.now);
    return { page, outbound: await web.connect({}, { clock: systemClock, mailbox }), place: { ...here, chat } };
  }
  const here = { platform: "web", kind: "direct" } as const;

  /** What the page posts is answered as the ingress does, and kept: what the agent makes of it is not asked here. */
  async function keepPosts(page: Page): Promise<unknown[]> {
    const posts: unknown[] = [];
    await page.route("**/webhooks/web", (route) => {
      if (route.request().method() !== "POST") return route.continue();
      posts.push(route.request().postDataJSON());
      return route.fulfill({ json: { ok: true } });
    });
    return posts;
  }

  it("of the agent's own comes with its buttons, and a press is its answer", async () => {
    const page = await openPage(browser, agent.instance.cloud.url);
    await say(page, "book a train");
    await button(page, "Paris").click();
    await page.getByText('The answer was {"answer":"Paris"}').waitFor();
    await answers(page).first().waitFor({ state: "detached" });
    expect(await page.getByText("Which city?").count()).toBe(1);
    expect((await page.getByRole("article").allInnerTexts()).at(-1)).toContain("The answer was");
    await page.getByRole("button", { name: "Stop" }).waitFor({ state: "hidden" });
  });

  it("is answered once, by a click, and shows how", async () => {
    const { page, outbound, place } = await open();
    const posts = await keepPosts(page);
    const { id } = await outbound.send(place, question, { idempotencyKey: "question-1", buttons });
    await button(page, "Deny").click();
    await page.getByRole("article", { name: "You" }).getByText("Deny").waitFor();
    for (const each of await answers(page).all()) expect(await each.isDisabled()).toBe(true);
    expect(await page.getByRole("button", { name: "Deny", pressed: true }).count()).toBe(1);
    expect(posts).toEqual([{ chat: place.chat, text: "Deny", pressed: "q1:no", id: expect.any(String) }]);
    await page.reload();
    expect(await button(page, "Allow once").isDisabled()).toBe(true);

    await outbound.edit?.(place, id, "May I run this? You said no.");
    await page.getByText("You said no.").waitFor();
    expect(await answers(page).count()).toBe(0);
    expect(await page.getByRole("article").allInnerTexts()).toEqual(["May I run this? You said no.", "Deny"]);
  });

  it("is answered with the keyboard, which then stands in the field for messages", async () => {
    const { page, outbound, place } = await open();
    const posts = await keepPosts(page);
    await outbound.send(place, question, { idempotencyKey: "question-2", buttons });
    await button(page, "Deny").waitFor();
    const focused = "document.activeElement.textContent || document.activeElement.id";
    // The conversation stands above the field.
    for (let tabs = 0; tabs < 10 && (await page.evaluate(focused)) !== "Deny"; tabs += 1)
      await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
    expect(await page.evaluate(focused)).toBe("Allow in this conversation");
    await page.keyboard.press("Enter");
    await page.getByRole("article", { name: "You" }).getByText("Allow in this conversation").waitFor();
    expect(posts).toMatchObject([{ pressed: "q1:always" }]);
    expect(await page.evaluate(focused)).toBe("message");
  });

  it("that is answered in one tab is answered in the other", async () => {
    const { page, outbound, place } = await open();
    await keepPosts(page);
    const second = await page.context().newPage();
    await second.goto(agent.instance.cloud.url);
    await outbound.send(place, question, { idempotencyKey: "question-3", buttons });
    await button(second, "Allow once").waitFor();
    await button(page, "Allow once").click();
    await second.getByRole("button", { name: "Allow once", pressed: true }).waitFor();
    expect(await button(second, "Deny").isDisabled()).toBe(true);
  });

  it("can be answered again when the agent refused the press", async () => {
    const { page, outbound, place } = await open();
    await page.route("**/webhooks/web", (route) =>
      route.request().method() === "POST"
        ? route.fulfill({ status: 400, json: { error: "pressed: too long." } })
        : route.continue(),
    );
    await outbound.send(place, question, { idempotencyKey: "question-4", buttons });
    await button(page, "Allow once").click();
    await page.getByText("Not sent. pressed: too long.").waitFor();
    expect(await button(page, "Allow once").isDisabled()).toBe(false);
  });

  it("keeps HTML in a label as text", async () => {
    const { page, outbound, place } = await open();
    const label = "<img src=x onerror=\"document.title='owned'\">";
    await outbound.send(place, "May I?", { idempotencyKey: "question-5", buttons: [{ payload: "q:x", label }] });
    await answers(page).first().waitFor();
    expect(await answers(page).allInnerTexts()).toEqual([label]);
    expect(await page.locator(".answers img").count()).toBe(0);
  });

  it.each([
    ["light", { width: 1100, height: 700 }],
    ["dark", { width: 1100, height: 700 }],
    ["light", { width: 375, height: 740 }],
    ["dark", { width: 375, height: 740 }],
  ] as const)("fits a %s screen of %j", async (colorScheme, viewport) => {
    const { page, outbound, place } = await open({ colorScheme, viewport });
    await keepPosts(page);
    const long = {
      payload: "q1:long",
      label: "Allow it in this conversation and whenever it is needed again, until I say so",
    };
    await outbound.send(place, question, {
      idempotencyKey: `look-${colorScheme}-${viewport.width}`,
      buttons: [...buttons, long],
    });
    await button(page, "Deny").waitFor();
    const name = `${screenshots.path}/question-${colorScheme}-${viewport.width}`;
    await page.screenshot({ path: `${name}-open.png` });
    const overflow = "document.documentElement.scrollWidth - innerWidth + scroller.scrollWidth - scroller.clientWidth";
    expect(await page.evaluate(overflow)).toBe(0);
    await button(page, "Allow once").click();
    await page.getByRole("article", { name: "You" }).waitFor();
    await page.screenshot({ path: `${name}-pressed.png` });
  });
});
