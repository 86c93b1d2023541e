import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defineAgent } from "../../core/base/agent-config.ts";
import { listingIndex, pendingIndex } from "../../core/store/keys.ts";
import { resourceVariables } from "../../local/cloud/names.ts";
import { clients, replacedByLambda, unusedClients } from "../../stacks/bundles.ts";
import { manifest, resourceEnvironment } from "../../stacks/manifest.ts";
import { componentNameOf, physicalNameOf } from "../../stacks/names.ts";
import { needs, type FunctionName } from "../../stacks/needs.ts";
import { turnDefinition } from "../../stacks/turn-definition.ts";

const functionNames = Object.keys(manifest.functions) as FunctionName[];
const actionsOf = (name: FunctionName) => needs[name].grants.flatMap(({ actions }) => actions);

describe("names", () => {
  it("make components of logical names", () => {
    expect(functionNames.map(componentNameOf)).toEqual([
      "Webhooks",
      "AgentStep",
      "Abandon",
      "Schedule",
      "Shell",
      "Review",
      "Curator",
    ]);
  });

  it("fit into the 64 characters of a function, with the longest app and a long stage", () => {
    const app = "a".repeat(21);
    for (const name of functionNames) expect(physicalNameOf(app, "a-stage-of-twenty-ch", name).length).toBeLessThan(65);
  });
});

describe("the manifest", () => {
  it("has the indexes that the store queries", () => {
    const { localIndexes, globalIndexes } = manifest.tables.state;
    expect(Object.keys(localIndexes)).toEqual([pendingIndex]);
    expect(Object.keys(globalIndexes)).toEqual([listingIndex]);
  });

  it("is found by functions under the same names here and in AWS", () => {
    const { shellUrl, ...resources } = resourceEnvironment;
    expect(Object.keys(resourceVariables(manifest)).sort()).toEqual(Object.values(resources).sort());
    // An address is known once the cloud listens.
    expect(shellUrl).toBe("TALARIA_SHELL_URL");
  });
});

describe("what functions may do", () => {
  it("never has a wildcard among its actions", () => {
    for (const name of functionNames) expect(actionsOf(name).join(" ")).not.toContain("*");
  });

  it("is least where the internet can reach: the ingress reads and writes single items, starts turns and wakes them", () => {
    expect(actionsOf("webhooks")).toEqual([
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
      "dynamodb:Query",
      "states:StartExecution",
      "states:SendTaskSuccess",
    ]);
    expect(needs.webhooks.grants.find(({ actions }) => actions.includes("dynamodb:Query"))?.on).toBe("pending");
    expect(needs.webhooks.linked).not.toContain("provider");
  });

  it("lets the sweep wake a turn that waits, or have it wait on", () => {
    expect(actionsOf("schedule")).toEqual(
      expect.arrayContaining(["states:DescribeExecution", "states:SendTaskSuccess", "states:SendTaskHeartbeat"]),
    );
  });

  it("includes asking a model for the step, the review and the curator alone", () => {
    const mayAsk = functionNames.filter((name) => actionsOf(name).some((action) => action.startsWith("bedrock:")));
    expect(mayAsk).toEqual(["agent-step", "review", "curator"]);
    expect(functionNames.filter((name) => needs[name].linked.includes("provider"))).toEqual(mayAsk);
  });
});

describe("the deployed definition", () => {
  const arns = Object.fromEntries(functionNames.map((name) => [name, `arn:of:${name}`]));
  const resources = { functions: arns, tables: { state: "state" } };

  it("is the one that the embedded cloud runs", () => {
    expect(JSON.parse(turnDefinition(resources))).toEqual(manifest.machines.turn.definition(resources));
  });

  it("is refused when a state names a function that is missing", () => {
    const { abandon: _, ...others } = arns;
    expect(() => turnDefinition({ ...resources, functions: others })).toThrow(
      /The state “Abandon” of the turn machine names a function/,
    );
  });
});

describe("client libraries", () => {
  it("are left out of the bundles of a deployment that does not use their member", () => {
    const unused = unusedClients(defineAgent({ platforms: ["telegram"], model: "bedrock", shell: "ecs" }));
    expect(unused).toEqual(expect.arrayContaining(["@slack/web-api", "openai", "modal", "ssh2", "dockerode"]));
    for (const used of ["grammy", "@aws-sdk/client-bedrock-runtime", "@aws-sdk/client-ecs", "@aws-sdk/client-lambda"])
      expect(unused).not.toContain(used);
    expect(unusedClients(defineAgent({ platforms: ["slack", "telegram"], shell: "local" }))).toEqual([
      ...Object.values(clients.shell).flat(),
      ...Object.values(clients.memory),
    ]);
    expect(unusedClients(defineAgent({ externalMemory: "honcho" }))).not.toContain(clients.memory.honcho);
    expect(unusedClients(defineAgent({ shell: "singularity" }))).not.toContain("ssh2");
  });

  it("are imported by their member when it connects, never at the top of a module", () => {
    for (const [kind, members] of Object.entries(clients))
      for (const [member, libraries] of Object.entries(members))
        for (const library of [libraries].flat()) {
          const folder = kind === "memory" ? "memory" : `${kind}s`;
          const files = globSync(`core/${folder}/{${member}*.ts,${member}/**/*.ts}`);
          const sources = files.map((file) => readFileSync(file, "utf8"));
          const isLazy = sources.some((source) => source.includes(`import("${library}`));
          const eagerly = sources.flatMap((source) => source.match(/^import (?!type)[^;]*from "[^"]+";/gm) ?? []);
          const isEager = eagerly.some((line) => line.includes(`"${library}`));
          expect({ library, isLazy, isEager }).toEqual({ library, isLazy: true, isEager: false });
        }
  });
});

describe("the credentials of a deployed function", () => {
  it("are those that Lambda puts into its environment", async () => {
    const { defaultProvider } = await import("../../functions/compose/lambda-credentials.ts");
    const before = { ...process.env };
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key", AWS_SESSION_TOKEN: "token" });
    const found = await defaultProvider()();
    process.env = before;
    expect(found).toEqual({ accessKeyId: "id", secretAccessKey: "key", sessionToken: "token" });
  });

  it("take the place of a package whose export has that name", async () => {
    expect(await import(replacedByLambda.credentials)).toHaveProperty("defaultProvider");
  });
});
