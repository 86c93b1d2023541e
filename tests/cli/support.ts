import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { startFakeServer, type FakeServer } from "../fakes/platform-server.ts";

const repository = new URL("../..", import.meta.url).pathname;

interface SstCall {
  args: string[];
  remove?: string;
}

/** A folder as an operator's, with its own home, configuration and stand-in for `sst`: nothing of this machine's is seen. */
export interface Operator {
  folder: string;
  /** Everything a command sees; a test may add to it. */
  environment: Record<string, string>;
  run(command: "deploy" | "remove" | "doctor" | "talaria", ...args: string[]): Promise<Ran>;
  /** How `sst` was called. */
  sstCalls(): SstCall[];
  secrets(): Record<string, string>;
  setSecrets(values: Record<string, string>): void;
}

export interface Ran {
  code: number | null;
  printed: string;
  ms: number;
}

/** `config` is the text between the brackets of `defineAgent({ … })`. */
export function operator(config = "", dotEnv?: string): Operator {
  const folder = mkdtempSync(join(tmpdir(), "talaria-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["home", "bin", "sst"]) mkdirSync(join(folder, name));
  const program = join(folder, "bin", "sst");
  copyFileSync(new URL("stand-in-sst.mjs", import.meta.url), program);
  chmodSync(program, 0o755);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const schema = join(repository, "core/base/agent-config.ts");
  writeFileSync(
    join(folder, "agent.config.ts"),
    `import { defineAgent } from ${JSON.stringify(schema)};\nexport default defineAgent({ ${config} });\n`,
  );
  if (dotEnv !== undefined) writeFileSync(join(folder, ".env"), dotEnv);
  const environment = {
    PATH: [join(folder, "bin"), dirname(process.execPath), process.env["PATH"]].join(delimiter),
    HOME: join(folder, "home"),
    FAKE_SST: join(folder, "sst"),
  };
  const secretsFile = join(folder, "sst", "secrets.json");
  return {
    folder,
    environment,
    run: (command, ...args) => run(join(repository, "cli", `${command}.ts`), args, folder, environment),
    sstCalls: () => readLines(join(folder, "sst", "calls.jsonl")),
    secrets: () =>
      existsSync(secretsFile) ? (JSON.parse(readFileSync(secretsFile, "utf8")) as Record<string, string>) : {},
    setSecrets: (values) => writeFileSync(secretsFile, JSON.stringify(values)),
  };
}

const readLines = (file: string): SstCall[] =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as SstCall)
    : [];

/** Spawned as a person would, without a terminal. */
async function run(script: string, args: string[], cwd: string, env: Record<string, string>): Promise<Ran> {
  const startedAt = Date.now();
  const child = spawn(process.execPath, [script, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => (printed += chunk));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, printed, ms: Date.now() - startedAt };
}

const refusalXml = "<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>";
const identityXml = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/operator</Arn><UserId>AIDA</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;

/** STS on loopback, which knows one key; `forOperator` gives an operator that key. */
export async function startFakeSts(): Promise<FakeServer & { forOperator(operator: Operator): void }> {
  const server = await startFakeServer({
    operationOf: () => "GetCallerIdentity",
    answer: ({ headers, text }) => {
      const isKnown = /^AWS4-HMAC-SHA256 Credential=AKIAOPERATOR\/\d{8}\/[a-z0-9-]+\/sts\//.test(
        headers["authorization"] ?? "",
      );
      const isRight = isKnown && text === "Action=GetCallerIdentity&Version=2011-06-15";
      return { status: isRight ? 200 : 403, body: isRight ? identityXml : refusalXml };
    },
  });
  const forOperator = ({ environment }: Operator) =>
    Object.assign(environment, {
      AWS_ENDPOINT_URL_STS: server.url,
      AWS_ACCESS_KEY_ID: "AKIAOPERATOR",
      AWS_SECRET_ACCESS_KEY: "made-up",
    });
  return { ...server, forOperator };
}

/** What `sst deploy` leaves behind for a deployment at this address. */
export const outputsOf = (url: string, stage = "production"): string =>
  JSON.stringify({
    webhooks: `${url}/`,
    table: `talaria-${stage}-StateTable-abcdef`,
    turnMachine: `arn:aws:states:us-east-1:123456789012:stateMachine:talaria-${stage}-turn`,
  });
