import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { frame } from "../../core/shells/exec-agent/protocol.ts";
import { until } from "../support/agent.ts";
import { startAgentProcess } from "../support/exec-agent.ts";
import { exchangeWith, newMachine, timeoutMs, token } from "./bench.ts";

const machine = await newMachine({
  environment: {
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/secret-path",
    AWS_SECRET_ACCESS_KEY: "hunter2",
  },
});
await machine.greet();
const { run, agent } = machine;
const exchange = exchangeWith(agent.port);

/** A process that has ended may stay in the list until its parent looks: a zombie does nothing any more. */
function isAlive(pid: string): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

const sendScript = (id: string, script: string, waitMs = 0) => {
  const header = { timeoutMs, outlives: false, scriptBytes: Buffer.byteLength(script) };
  const path = `/scripts/${id}?part=0&parts=1&waitMs=${waitMs}`;
  return exchange({ method: "PUT", path, body: frame(header, script) });
};

describe("a script of the exec agent", () => {
  it("runs once, however often its request arrives", async () => {
    for (let delivery = 0; delivery < 3; delivery += 1) await sendScript("once", "echo ran >> runs", 5_000);
    expect((await run("wc -l < runs")).output).toBe("1\n");
  });

  it("is waited for by short exchanges", async () => {
    expect((await sendScript("slow", "while [ ! -e go ]; do sleep 0.05; done; echo went", 0)).status).toBe(202);
    await run("touch go");
    const answer = await exchange({ method: "GET", path: "/scripts/slow?waitMs=15000" });
    expect(answer.status).toBe(200);
    expect(Buffer.from(answer.body).toString()).toContain("went");
  });

  it("that was cancelled before it came does not start", async () => {
    expect((await exchange({ method: "DELETE", path: "/scripts/late" })).status).toBe(200);
    await sendScript("late", "touch started-late", 5_000);
    expect((await run("ls started-late || echo none")).output).toContain("none");
  });

  it("arrives in parts and returns in pages when it is larger than one exchange may be", async () => {
    const stdin = "0123456789abcdef".repeat(600_000);
    expect((await run("wc -c; sha256sum < /dev/null | head -c 4", { stdin })).output).toBe("9600000\ne3b0");
    const { output } = await run("head -c 4900000 /dev/urandom");
    expect(Buffer.byteLength(output)).toBeGreaterThan(4_900_000);
  });

  it("finds nothing of the agent's environment, and no credentials of the task", async () => {
    const { output } = await run("env; cat /proc/self/environ | tr '\\0' '\\n'");
    expect(output).not.toMatch(/hunter2|secret-path|TALARIA|AWS/);
    expect(output).not.toContain(token);
  });

  it.runIf(process.getuid?.() === 0)("is not root, and cannot become it", async () => {
    expect((await run("id -u; grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status | tr -d '\\t'")).output).toBe(
      "1000\nCapEff:0000000000000000\nCapBnd:0000000000000000\nNoNewPrivs:1\n",
    );
    expect((await run(`cat /proc/${agent.pid}/environ /proc/${agent.pid}/mem | head -c 10`)).output).toContain(
      "denied",
    );
  });

  it("takes what left its process group along when it ends", async () => {
    const { output } = await run(
      "setsid sh -c 'echo $$ > pid; exec sleep 300' >/dev/null 2>&1 & while [ ! -s pid ]; do sleep 0.05; done; cat pid",
    );
    expect(isAlive(output.trim())).toBe(false);
  });

  it("leaves it alone when it is to outlive the script", async () => {
    const start =
      "setsid sh -c 'echo $$ > outliving; exec sleep 300' >/dev/null 2>&1 & while [ ! -s outliving ]; do sleep 0.05; done; cat outliving";
    const pid = (await run(start, { outlives: true })).output.trim();
    await run("true");
    expect(isAlive(pid)).toBe(true);
    await run(`kill ${pid}`);
    await until("its end", () => !isAlive(pid));
  });
});

describe("the door of the exec agent", () => {
  it.each(["wrong", ""])("is closed to the token %j", async (bearer) => {
    const stranger = exchangeWith(agent.port, bearer);
    for (const [method, path] of [
      ["POST", "/hello"],
      ["PUT", "/scripts/mine?part=0&parts=1"],
      ["GET", "/scripts/once"],
      ["DELETE", "/scripts/once"],
      ["POST", "/save"],
    ] as const)
      expect((await stranger({ method, path })).status).toBe(401);
    expect((await fetch(`http://127.0.0.1:${agent.port}/scripts/once`)).status).toBe(401);
  });

  it("opens to the first caller where no token was given beforehand, and then to nobody else", async () => {
    const claimed = await startAgentProcess();
    const body = Buffer.from(JSON.stringify({ restore: [], saveTo: { url: "http://127.0.0.1:1", until: 0 } }));
    const hello = (bearer: string) =>
      exchangeWith(claimed.port, bearer)({ method: "POST", path: "/hello?waitMs=5000", body });
    const script = exchangeWith(claimed.port, "first")({ method: "GET", path: "/scripts/x" });
    expect((await script).status).toBe(401);
    expect((await hello("first")).status).toBe(200);
    expect((await hello("second")).status).toBe(401);
    await claimed.kill();
  });

  it("tells whoever builds an image when it is ready", async () => {
    const ready = `http://127.0.0.1:${agent.port}/aws/lambda-microvms/runtime/v1/ready`;
    expect((await fetch(ready, { method: "POST" })).status).toBe(200);
  });

  it("answers 404 to what it does not know, and 413 to what is too large", async () => {
    expect((await exchange({ method: "GET", path: "/scripts/unknown" })).status).toBe(404);
    expect((await exchange({ method: "GET", path: "/other" })).status).toBe(404);
    const body = Buffer.alloc(4_000_001);
    expect((await exchange({ method: "PUT", path: "/scripts/huge?part=0&parts=2", body })).status).toBe(413);
  });
});
