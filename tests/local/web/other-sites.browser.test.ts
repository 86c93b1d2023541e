import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, launchChromium, openPage, startPageAgent, type PageAgent } from "./browser.ts";

describe.skipIf(chromiumPath === undefined)("a page of another website, in Chromium", () => {
  let agent: PageAgent;
  let browser: Browser;
  let site: Server;
  let foreign: Page;
  const url = () => agent.instance.cloud.url;
  const token = () => agent.instance.environment["TALARIA_WEB_TOKEN"] ?? "";
  const message = () => JSON.stringify({ chat: "c", text: "wire money", id: "019abcde-f012-7345-8901-23456789abcd" });

  beforeAll(async () => {
    site = createServer((_request, response) =>
      response.setHeader("content-type", "text/html").end("<p>Another site</p>"),
    );
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    [agent, browser] = await Promise.all([startPageAgent(() => ({ text: "Done." })), launchChromium()]);
    foreign = await openPage(browser, `http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
  });
  afterAll(async () => {
    await browser?.close();
    await agent?.close();
    site.close();
  });

  /** What a fetch from the foreign page yields, as text: the body, or the error. */
  const fetched = (path: string, init: object = {}): Promise<string> =>
    foreign.evaluate(
      `fetch(${JSON.stringify(url() + path)}, ${JSON.stringify(init)}).then((r) => r.text().then((t) => r.type + " " + t), String)`,
    );

  it("cannot read the page, nor the token in it", async () => {
    expect(await fetched("/")).toContain("Failed to fetch");
    expect(await fetched("/", { mode: "no-cors" })).not.toContain(token());
  });

  it("cannot show the page in a frame", async () => {
    await foreign.evaluate(`document.body.innerHTML = '<iframe src="${url()}/"></iframe>'`);
    const frame = foreign.frameLocator("iframe");
    await foreign.waitForLoadState("networkidle");
    expect(await frame.getByRole("textbox").count()).toBe(0);
  });

  it("cannot post a message, whatever way it tries", async () => {
    const body = message();
    await fetched("/webhooks/web", { method: "POST", mode: "no-cors", body });
    await fetched("/webhooks/web", { method: "POST", body, headers: { authorization: "Bearer guess" } });
    await fetched("/webhooks/web", { method: "POST", body, headers: { "content-type": "text/plain" } });
    // The same message with the token shows that nothing of the above was taken, and that this would have been.
    const headers = { authorization: `Bearer ${token()}` };
    const fetchLetters = async () => (await fetch(`${url()}/webhooks/web?chat=c`, { headers })).json();
    expect(await fetchLetters()).toEqual({ letters: [] });
    expect(agent.model.requests).toEqual([]);
    expect((await fetch(`${url()}/webhooks/web`, { method: "POST", headers, body })).status).toBe(200);
    await expect.poll(fetchLetters, { timeout: 10_000 }).toMatchObject({ letters: [{ text: "Done." }] });
  });

  it("that resolves its own name to this machine sees nothing of the page", async () => {
    const rebound = await openPage(browser, "about:blank");
    const answer = await rebound.goto(`http://rebound.example:${new URL(url()).port}/`);
    expect(answer?.status()).toBe(403);
    expect(await answer?.text()).not.toContain(token());
  });
});
