import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bannerText } from "../../local/banner.ts";
import type { Instance } from "../../local/instance.ts";

const workspaces = mkdtempSync(join(tmpdir(), "talaria-banner-"));
afterAll(() => rmSync(workspaces, { recursive: true, force: true }));

/** The banner reads an instance; nothing of the cloud but its address. */
const instanceWith = (environment: Record<string, string>): Instance => ({
  cloud: { url: "http://127.0.0.1:8787" } as Instance["cloud"],
  isPractice: false,
  environment: {
    TALARIA_MODEL: "openai/some-model",
    TALARIA_WEBHOOK_SECRET: "whsec_kept",
    TALARIA_WORKSPACES: workspaces,
    ...environment,
  },
  seeded: Promise.resolve(),
  close: () => Promise.resolve(),
});

const bannerOf = (environment: Record<string, string>) =>
  bannerText(instanceWith(environment), { dataFolder: ".talaria", readyAfterMs: 1234 });

const telegram = { TELEGRAM_BOT_TOKEN: "1:the-token", TELEGRAM_WEBHOOK_SECRET: "made" };
const slackApp = { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1", SLACK_SIGNING_SECRET: "made" };
const publicUrl = { TALARIA_PUBLIC_URL: "https://me.example/" };

describe("the banner", () => {
  it("says where, how fast, with which model and where the data is", async () => {
    const banner = await bannerOf({});
    expect(banner).toContain("ready after 1.2 s: http://127.0.0.1:8787");
    expect(banner).toContain("openai/some-model");
    expect(banner).toContain(".talaria/talaria.log");
    expect(banner).toMatch(/shell {2}(sandbox \(bubblewrap\)|simulated bash)/);
  });

  it("warns of commands that run without a sandbox", async () => {
    expect(await bannerOf({ TALARIA_SHELL_UNSAFE_HOST: "1" })).toContain("WITHOUT a sandbox");
  });

  it("warns of a shell where one person's command can read another's files, where several are let in", async () => {
    const ssh = { TALARIA_SHELL: "ssh", TALARIA_SSH_USER: "agent", TALARIA_SSH_HOST: "machine" };
    const warning = "is agent there: a command of one can read";
    for (const users of ["*", "telegram:1,telegram:2", "telegram:1 slack:U1"])
      expect(await bannerOf({ ...ssh, TALARIA_ALLOWED_USERS: users })).toContain(warning);
    for (const users of ["", "telegram:1", "telegram:1,telegram:1"])
      expect(await bannerOf({ ...ssh, TALARIA_ALLOWED_USERS: users })).not.toContain(warning);
    expect(await bannerOf({ TALARIA_ALLOWED_USERS: "*" })).not.toContain("a command of one");
  });

  it("says how each platform is reached from a laptop", async () => {
    const banner = await bannerOf({ ...telegram, ...slackApp });
    expect(banner).toContain("telegram (long polling)");
    expect(banner).toContain("slack (Socket Mode)");
    expect(banner).not.toContain("tunnel");
  });

  it("says that our own page is at the address itself", async () => {
    expect(await bannerOf({ TALARIA_WEB_TOKEN: "kept" })).toContain("web (the page at this address, or npm run chat)");
  });

  it("names the webhooks when there is a public address", async () => {
    const banner = await bannerOf({ ...telegram, ...slackApp, ...publicUrl });
    expect(banner).toContain("telegram (https://me.example/webhooks/telegram)");
    expect(banner).toContain("slack (https://me.example/webhooks/slack)");
  });

  it("says that a platform which cannot be bridged needs a tunnel", async () => {
    const banner = await bannerOf({ SLACK_BOT_TOKEN: "xoxb-1", SLACK_SIGNING_SECRET: "theirs" });
    expect(banner).toContain("slack can reach this machine only through a tunnel");
  });

  it("names what is missing of a platform that somebody has begun to set up, and of no other", async () => {
    const banner = await bannerOf({ SLACK_BOT_TOKEN: "xoxb-1" });
    expect(banner).toContain("off    slack, for want of SLACK_SIGNING_SECRET (or SLACK_APP_TOKEN");
    expect(banner).not.toContain("TELEGRAM_BOT_TOKEN");
    const served = await bannerOf({ TELEGRAM_BOT_TOKEN: "1:the-token", ...publicUrl });
    expect(served).toContain("off    telegram, for want of TELEGRAM_WEBHOOK_SECRET");
    expect(served).not.toContain(" or ");
  });

  it("says that nobody is let in, and how to change that, only when there is a chat platform", async () => {
    expect(await bannerOf(telegram)).toContain("nobody is let in: write to the bot");
    expect(await bannerOf({})).not.toContain("users");
  });

  it("says who is let in", async () => {
    const users = (list: string) => bannerOf({ ...telegram, TALARIA_ALLOWED_USERS: list });
    expect(await users("telegram:1, slack:U2")).toContain("users  telegram:1, slack:U2");
    expect(await users("a:1,a:2,a:3,a:4,a:5,a:6,a:7")).toContain("a:5 and 2 more");
    expect(await users("*")).toContain("everybody is let in");
    expect(await bannerOf({ ...telegram, TALARIA_OWNERS: "telegram:3" })).toContain("users  telegram:3");
  });

  it("stays under twelve lines and shows no secret", async () => {
    const banner = await bannerOf({ ...telegram, SLACK_BOT_TOKEN: "xoxb-1", WHATSAPP_APP_SECRET: "hush" });
    expect(banner.split("\n").length).toBeLessThan(12);
    for (const secret of ["the-token", "xoxb-1", "hush", "whsec_kept"]) expect(banner).not.toContain(secret);
  });
});
