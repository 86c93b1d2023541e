import { expect, it } from "vitest";
import { noUsage } from "../../../core/conversation/usage.ts";
import { type ReportParts, reportText } from "../../../core/learning/curator/report.ts";

const run: ReportParts["run"] = {
  id: "20261122T143111123Z",
  startedAt: 1_000,
  isDry: false,
  isManual: true,
  stage: "report",
  attempts: 1,
  questions: 0,
  usage: noUsage,
  problems: [],
  hasPlan: false,
  privateProposals: 0,
};
const parts = { model: "no model", transitions: [], grades: [], proposals: [], privateProposals: 0 };
const said = (ms: number, more: Partial<ReportParts["run"]> = {}, model = "no model") =>
  reportText({ ...parts, model, run: { ...run, ...more }, endedAt: run.startedAt + ms }).split("\n")[2];

it("a report says how long the run took, and what a model was asked", () => {
  expect(said(400)).toBe("nothing to do. 0 skills, no question to a model, under a second.");
  expect(said(12_400)).toContain("about 12 s.");
  const usage = { ...noUsage, inputTokens: 900, outputTokens: 100 };
  expect(said(240_000, { questions: 1, usage }, "openai/x")).toBe(
    "nothing to do. 0 skills, 1 question to openai/x, 1000 tokens, about 4 min.",
  );
});
