import { describe, expect, it } from "vitest";
import { shells } from "../../../core/shells/index.ts";
import { shellPorts } from "../../support/shell-ports.ts";
import { newFolder } from "./runners.ts";

const folder = await newFolder();
/** What a shell says when it is asked to keep a rule, before it is set up for anything else. */
const answer = async (name: string, network: string) => {
  const values = { TALARIA_WORKSPACES: folder, TALARIA_SHELL_NETWORK: network };
  const shell = (await shells[name]?.()) ?? expect.fail();
  const said = (call: Promise<unknown>) => call.then(String, (error: Error) => error.message);
  return [await said(shell.summary(values)), await said(shell.connect(values, shellPorts()))];
};
const shellsBut = (...names: string[]) => Object.keys(shells).filter((name) => !names.includes(name));

describe("a shell", () => {
  it.each(Object.keys(shells))("can be asked to keep a rule: %s", async (name) => {
    const settings = (await shells[name]?.())?.settings ?? [];
    expect(settings.map((setting) => setting.name)).toContain("TALARIA_SHELL_NETWORK");
  });

  it.each(Object.keys(shells))("says at the start what is no rule: %s", async (name) => {
    expect((await answer(name, "https://pypi.org"))[0]).toContain("is neither a name");
  });

  it.each(shellsBut("local", "modal", "daytona"))("refuses to start with a list it cannot keep: %s", async (name) => {
    for (const said of await answer(name, "pypi.org")) expect(said).toContain(`“${name}” cannot keep`);
  });

  it.each(shellsBut("local", "docker", "modal", "daytona"))(
    "refuses to start when it cannot cut the network off: %s",
    async (name) => {
      for (const said of await answer(name, "0")) expect(said).toContain(`“${name}” cannot keep`);
    },
  );
});
