import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseSecretList, readOutputs } from "../../cli/sst-output.ts";
import { outputsOf } from "./support.ts";

describe("what sst secret list prints", () => {
  it("is read to the letter, the stage's own values over the fallback ones", () => {
    // As SST 4.17.1 printed it.
    const printed = `# fallback\nSlackBotToken=fall\nWebToken=fall\n\n# talaria/production\nOpenaiApiKey=va=l #u"e$X 'q\nline2\nSlackBotToken=own\n`;
    expect(parseSecretList(printed)).toEqual({
      OPENAI_API_KEY: `va=l #u"e$X 'q\nline2`,
      SLACK_BOT_TOKEN: "own",
      WEB_TOKEN: "fall",
    });
  });

  it("leaves out what is empty, and the word that stands for no value", () => {
    expect(parseSecretList("# talaria/dev\nOpenaiApiKey=\nSlackBotToken=unset\n")).toEqual({});
  });
});

describe("what a deploy leaves behind", () => {
  function folderWith(outputs: string): string {
    const folder = mkdtempSync(join(tmpdir(), "talaria-outputs-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, ".sst"));
    writeFileSync(join(folder, ".sst", "outputs.json"), outputs);
    return folder;
  }

  it("is the address of the stage that was deployed last", () => {
    const folder = folderWith(outputsOf("https://abc.lambda-url.us-east-1.on.aws"));
    expect(readOutputs(folder, "talaria", "production")).toEqual({ url: "https://abc.lambda-url.us-east-1.on.aws" });
  });

  it("is what builds the image of the shell ecs, where there is something to build", () => {
    const outputs = JSON.parse(outputsOf("https://abc.lambda-url.us-east-1.on.aws")) as object;
    const image = { bucket: "the-bucket", taskImageProject: "the-project", taskImageRepository: "the-repository" };
    const folder = folderWith(JSON.stringify({ ...outputs, ...image }));
    expect(readOutputs(folder, "talaria", "production")).toMatchObject({
      taskImage: { project: "the-project", repository: "the-repository", bucket: "the-bucket" },
    });
  });

  it("is nothing for another stage, for another app and where it is not readable", () => {
    const folder = folderWith(outputsOf("https://abc.lambda-url.us-east-1.on.aws"));
    expect(readOutputs(folder, "talaria", "dev")).toBeUndefined();
    expect(readOutputs(folder, "other", "production")).toBeUndefined();
    expect(readOutputs(folderWith("{}"), "talaria", "production")).toBeUndefined();
    expect(readOutputs(tmpdir(), "talaria", "production")).toBeUndefined();
  });
});
