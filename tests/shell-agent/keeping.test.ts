import { describe, expect, it } from "vitest";
import { until } from "../support/agent.ts";
import { newMachine, newStore } from "./bench.ts";

describe("the files of a machine", () => {
  it("are restored on the next one as they were: names, modes, links, contents", async () => {
    const first = await newMachine();
    await first.greet();
    await first.run(
      "mkdir -p 'a b/c'; echo one > 'a b/c/ž'; ln -s 'a b' link; echo x > run; chmod 750 run; mkfifo pipe",
    );
    await first.client.save({ saveTo: await first.store.saveTo("own"), close: true });
    const second = await newMachine({ store: first.store, key: "next", restore: ["own"] });
    expect(await second.greet()).toMatchObject({ state: "ready", restored: { from: 0 }, scripts: 0 });
    expect((await second.run("cat 'link/c/ž'; stat -c %a run; test -p pipe && echo pipe")).output).toBe(
      "one\n750\npipe\n",
    );
  });

  it("come from the first archive that is there", async () => {
    const first = await newMachine();
    await first.greet();
    await first.run("echo old > file");
    await first.client.save({ saveTo: await first.store.saveTo("own"), close: false });
    const second = await newMachine({ store: first.store, restore: ["never-written", "own"] });
    expect(await second.greet()).toMatchObject({ restored: { from: 1, savedAt: expect.stringContaining("2026") } });
    expect((await second.run("cat file")).output).toBe("old\n");
  });

  it("are nothing where there is no archive", async () => {
    const machine = await newMachine({ restore: ["never-written"] });
    expect(await machine.greet()).toEqual({ state: "ready", scripts: 0 });
  });

  it("are waited for when they may be there but cannot be had: an empty home would replace them", async () => {
    const store = await newStore();
    const machine = await newMachine({ store, restore: ["own"] });
    store.failWith(500);
    await expect(machine.greet()).rejects.toMatchObject({ kind: "retryable", message: expect.stringContaining("500") });
    await expect(machine.run("true")).rejects.toMatchObject({ code: "shell.closed" });
    store.failWith(undefined);
    store.objects.set("own", Buffer.from("not an archive"));
    await expect(machine.greet()).rejects.toMatchObject({ kind: "retryable" });
  });

  it("are saved from time to time, when something has changed", async () => {
    const machine = await newMachine({ saveSeconds: 0.2 });
    await machine.greet();
    await machine.run("echo kept > file");
    const first = await until("the first save", () => machine.store.objects.get("own"));
    const { savedAt } = await until("the agent's word of it", async () => {
      const hello = await machine.greet();
      return hello.savedAt === undefined ? undefined : hello;
    });
    await machine.run("true");
    await machine.run("sleep 0.7");
    expect((await machine.greet()).savedAt).toBe(savedAt);
    await machine.run("rm file");
    await until("another one", () => machine.store.objects.get("own") !== first);
  });

  it("are saved when the platform stops the machine", async () => {
    const machine = await newMachine();
    await machine.greet();
    await machine.run("echo last > file");
    expect(await machine.agent.stop()).toBe(0);
    const next = await newMachine({ store: machine.store, key: "next", restore: ["own"] });
    await next.greet();
    expect((await next.run("cat file")).output).toBe("last\n");
  });

  it("are saved when nobody was heard of for long, and the machine ends", async () => {
    const machine = await newMachine({ silenceSeconds: 1 });
    await machine.greet();
    expect(await machine.agent.exited).toBe(0);
    expect(machine.store.objects.has("own")).toBe(true);
  });
});

describe("an agent that closes", () => {
  it("takes no scripts any more", async () => {
    const machine = await newMachine();
    await machine.greet();
    expect(await machine.client.save({ saveTo: await machine.store.saveTo("own"), close: true })).toBe(true);
    await expect(machine.run("true")).rejects.toMatchObject({ code: "shell.closed" });
    expect(await machine.greet()).toMatchObject({ state: "closed" });
  });

  it("does not while a script runs", async () => {
    const machine = await newMachine();
    await machine.greet();
    const running = machine.run("touch started; while [ ! -e go ]; do sleep 0.05; done; echo finished");
    await until("its start", async () => (await machine.run("ls")).output.includes("started"));
    expect(await machine.client.save({ saveTo: await machine.store.saveTo("own"), close: true })).toBe(false);
    await machine.run("touch go");
    expect((await running).output).toBe("finished\n");
  });

  it("opens again when its files could not be saved", async () => {
    const machine = await newMachine();
    await machine.greet();
    machine.store.failWith(503);
    const saving = machine.client.save({ saveTo: await machine.store.saveTo("own"), close: true });
    await expect(saving).rejects.toMatchObject({ kind: "retryable", message: expect.stringContaining("503") });
    expect((await machine.run("echo open")).output).toBe("open\n");
  });
});
