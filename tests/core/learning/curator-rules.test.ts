import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gateOf, whyBusy } from "../../../core/learning/curator/gates.ts";
import { gradesOf } from "../../../core/learning/curator/grade.ts";
import { flawsOf } from "../../../core/learning/curator/notebook-flaws.ts";
import { defaultCuratorSettings } from "../../../core/learning/curator/ports.ts";
import { checkPreservation, isWhole, piecesOf } from "../../../core/learning/curator/preservation.ts";
import { pressedProposal } from "../../../core/learning/curator/proposal.ts";
import { clustersOf, maxClusterSize, overlapsOf } from "../../../core/learning/curator/similarity.ts";
import { dayMs, transitionOf } from "../../../core/learning/curator/transitions.ts";
import type { SkillRecord } from "../../../core/skills/skill.ts";
import { freshCuratorState } from "../../../core/store/curator.ts";

const now = 1_800_000_000_000;
const daysAgo = (days: number) => now - days * dayMs;

const skill = (change: Partial<SkillRecord> = {}): SkillRecord => ({
  name: "tea",
  description: "Use for tea.",
  category: "general",
  revision: "0".repeat(32),
  version: 1,
  state: "active",
  isPinned: false,
  origin: "learnt",
  files: [],
  conditions: { requiresTools: [], requiresToolsets: [], fallbackForTools: [], fallbackForToolsets: [] },
  requiredEnvironment: [],
  createdAt: daysAgo(200),
  usedAt: 0,
  viewedAt: 0,
  patchedAt: 0,
  uses: 1,
  views: 0,
  patches: 0,
  reusedPatches: 0,
  unhelpful: 0,
  ...change,
});
const rules = { now, pruneBundled: false, referenced: new Set<string>() };
const stateAfter = (change: Partial<SkillRecord>, more: Partial<typeof rules> = {}) =>
  transitionOf(skill(change), { ...rules, ...more })?.to;

describe("what time makes of a skill", () => {
  it("makes it stale after 30 days and archives it after 90, from the last use, view or patch", () => {
    expect(stateAfter({ usedAt: daysAgo(29) })).toBeUndefined();
    expect(stateAfter({ usedAt: daysAgo(30) })).toBe("stale");
    expect(stateAfter({ usedAt: daysAgo(95), viewedAt: daysAgo(31) })).toBe("stale");
    expect(stateAfter({ usedAt: daysAgo(95), patchedAt: daysAgo(3) })).toBeUndefined();
    expect(stateAfter({ usedAt: daysAgo(90) })).toBe("archived");
    expect(stateAfter({})).toBe("archived");
  });

  it("leaves one that nobody used alone until it is 30 days old, on trial or not", () => {
    expect(stateAfter({ uses: 0, createdAt: daysAgo(29), state: "trial" })).toBeUndefined();
    expect(stateAfter({ uses: 0, createdAt: daysAgo(31), state: "trial" })).toBe("stale");
    expect(stateAfter({ uses: 0, createdAt: daysAgo(91), state: "stale" })).toBe("archived");
  });

  it("brings back what is in use again: a proven one as active, one that was never used on trial", () => {
    expect(stateAfter({ state: "stale", usedAt: daysAgo(1) })).toBe("active");
    expect(stateAfter({ state: "stale", uses: 0, viewedAt: daysAgo(1) })).toBe("trial");
    expect(stateAfter({ state: "stale", stateInUse: "trial", usedAt: daysAgo(1) })).toBe("trial");
    expect(stateAfter({ state: "archived", usedAt: daysAgo(1) })).toBeUndefined();
  });

  it("gives one that was brought back its time anew", () => {
    expect(stateAfter({ usedAt: daysAgo(95), restoredAt: daysAgo(1) })).toBeUndefined();
    expect(stateAfter({ uses: 0, state: "trial", restoredAt: daysAgo(29) })).toBeUndefined();
    expect(stateAfter({ usedAt: daysAgo(95), restoredAt: daysAgo(31) })).toBe("stale");
  });

  it("touches nothing that is pinned, referred to by a cron job, or not learnt", () => {
    expect(stateAfter({ isPinned: true })).toBeUndefined();
    expect(stateAfter({}, { referenced: new Set(["tea"]) })).toBeUndefined();
    for (const origin of ["person", "hub", "bundled"] as const) expect(stateAfter({ origin })).toBeUndefined();
    expect(stateAfter({ origin: "bundled" }, { pruneBundled: true })).toBe("archived");
    for (const origin of ["person", "hub"] as const)
      expect(stateAfter({ origin }, { pruneBundled: true })).toBeUndefined();
  });
});

describe("the gates", () => {
  const state = { ...freshCuratorState, lastRunAt: daysAgo(8) };
  it("let a run begin once a week, and never the first time it looks", () => {
    expect(gateOf(freshCuratorState, defaultCuratorSettings, now)).toMatchObject({ go: false, seeds: true });
    expect(gateOf({ ...state, lastRunAt: daysAgo(6.9) }, defaultCuratorSettings, now)).toMatchObject({
      go: false,
      seeds: false,
    });
    expect(gateOf({ ...state, lastRunAt: daysAgo(7) }, defaultCuratorSettings, now)).toEqual({ go: true });
  });
  it("stay shut when it is switched off or paused", () => {
    expect(gateOf(state, { ...defaultCuratorSettings, enabled: false }, now)).toMatchObject({ go: false });
    expect(gateOf({ ...state, isPaused: true }, defaultCuratorSettings, now)).toMatchObject({ go: false });
  });
  it("put a run off while the agent was in use within two hours, and say how it goes on", () => {
    expect(whyBusy(now - 2 * 3_600_000, defaultCuratorSettings, now)).toBeUndefined();
    expect(whyBusy(0, defaultCuratorSettings, now)).toBeUndefined();
    expect(whyBusy(now - 2 * 3_600_000 + 1, defaultCuratorSettings, now)).toBe(
      "the agent was in use 119 min ago; it is tried again with every look, until nobody has used it for 2 hours",
    );
    // Of a clock that is ahead of ours.
    expect(whyBusy(now + 5_000, defaultCuratorSettings, now)).toContain("in use 0 min ago");
  });
});

describe("grades", () => {
  it("rest on the counters: used, reused after a patch, loaded in vain, stale, overlapping", () => {
    const skills = [
      skill({ name: "a", uses: 3, patches: 2, reusedPatches: 2, usedAt: daysAgo(1) }),
      skill({ name: "b", uses: 2, unhelpful: 1, usedAt: daysAgo(2) }),
      skill({ name: "c", uses: 1, patches: 2, reusedPatches: 1, usedAt: daysAgo(40) }),
    ];
    const [a, b, c] = gradesOf(skills, [{ names: ["a", "b"], likeness: 0.7 }], now);
    expect(a).toMatchObject({
      verdicts: ["used", "reused after a patch", "overlaps"],
      overlaps: [{ name: "b", likeness: 0.7 }],
    });
    expect(b?.verdicts).toEqual(["used", "loaded but unhelpful", "overlaps"]);
    expect(c).toMatchObject({ verdicts: ["used", "unproven patch", "stale"], numbers: { uses: 1, idleDays: 40 } });
  });
});

describe("overlaps", () => {
  const outline = (name: string, description: string, headings: string[] = []) => ({ name, description, headings });
  const library = [
    outline("review-pull-requests", "Review a pull request on GitHub for bugs and style", ["Checklist"]),
    outline("pull-request-review", "How to review GitHub pull requests and comment on style", ["Checklist"]),
    outline("brew-tea", "Brew green tea at the right temperature"),
    outline("book-flights", "Find and compare flights for a trip"),
  ];
  it("are found by name, description and headings, and unlike skills are left alone", () => {
    const overlaps = overlapsOf(library);
    expect(overlaps.map(({ names }) => names.toSorted())).toEqual([["pull-request-review", "review-pull-requests"]]);
    expect(clustersOf(overlaps)).toEqual([["pull-request-review", "review-pull-requests"]]);
  });
  it("make groups of bounded size, with each skill in one at most", () => {
    const pair = fc.tuple(fc.nat(30), fc.nat(30)).filter(([a, b]) => a !== b);
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const clusters = clustersOf(pairs.map(([a, b]) => ({ names: [`s${a}`, `s${b}`] as const, likeness: 1 })));
        const members = clusters.flat();
        expect(new Set(members).size).toBe(members.length);
        for (const cluster of clusters) expect(cluster.length).toBeLessThanOrEqual(maxClusterSize);
      }),
    );
  });
});

describe("the content-preservation check", () => {
  const text =
    "---\nname: a\ndescription: x 99\n---\n# Deploy\n\nWait 30 seconds, then `npm run check`.\n\n## Steps\n\n1. Build\n\n```bash\nnpm ci\nnpm run build -- --stage prod\n```\n";
  it("names each heading, command line, code block and number, and not the front matter or a list's order", () => {
    expect(piecesOf(text)).toEqual([
      { kind: "heading", text: "Deploy" },
      { kind: "heading", text: "Steps" },
      { kind: "command", text: "npm ci" },
      { kind: "command", text: "npm run build -- --stage prod" },
      { kind: "code block", text: "npm ci\nnpm run build -- --stage prod" },
      { kind: "sentence", text: "Wait 30 seconds, then `npm run check`." },
      { kind: "sentence", text: "Build" },
      { kind: "command", text: "npm run check" },
      { kind: "number", text: "30" },
    ]);
  });
  it("passes what only moved: other levels, other order, a block inside a longer one", () => {
    const moved =
      "## Steps\n```sh\nset -e\nnpm ci\n  npm run build -- --stage prod\necho ok\n```\n### deploy\nafter a wait of 30 seconds `npm run check`";
    expect(isWhole(checkPreservation([text], [moved]))).toBe(true);
  });
  it("tells what is gone, and whether that was said", () => {
    const shorter = "# Deploy\nWait a bit, then `npm run check`.\n```\nnpm ci\n```";
    const { missing, dropped } = checkPreservation([text], [shorter], ["the heading Steps", "30"]);
    expect(dropped).toEqual([
      { kind: "heading", text: "Steps" },
      { kind: "number", text: "30" },
    ]);
    expect(missing.map(({ kind }) => kind)).toEqual(["command", "code block", "sentence", "sentence"]);
    expect(checkPreservation([text], [shorter], ["300"]).dropped).toEqual([]);
  });
  it("holds prose to be content: a sentence may be said in other words, not left out or turned round", () => {
    const rule = "Never send a report to the client before Anna has approved it.";
    const keeps = (before: string, after: string) => isWhole(checkPreservation([before], [after]));
    for (const kept of [
      `Be polite. ${rule}`,
      "- Do not send the client a report\n  before Anna approved it",
      "# Notes\n\nNever send reports to the client before they are approved by Anna.",
    ])
      expect(keeps(rule, kept)).toBe(true);
    for (const lost of [
      "Send a report to the client.",
      "Send a report to the client before Anna has approved it.",
      "Never send a report to the client before Bob has approved it.",
      "Never send a report to the client after Anna has approved it.",
      "Never send a report. Before Anna has approved it, call the client.",
    ])
      expect(keeps(rule, lost)).toBe(false);
    expect(keeps("Use tabs.", "Use spaces.")).toBe(false);
    expect(keeps("Send the report.", "Never send the report.")).toBe(false);
    expect(checkPreservation([rule], [""], [rule])).toEqual({
      missing: [],
      dropped: [{ kind: "sentence", text: rule }],
    });
  });
  it("holds for any text compared with itself, and fails when any piece's line is taken out", () => {
    const line = fc.oneof(
      fc.constantFrom("# One", "## Two", "do `ls -l`", "```", "~~~", "$ make 12", "wait 4.5 min"),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const whole = lines.join("\n");
        expect(isWhole(checkPreservation([whole], [whole]))).toBe(true);
        expect(checkPreservation([whole], [""]).missing.length).toBe(piecesOf(whole).length);
      }),
    );
  });
});

describe("flaws of a notebook", () => {
  const entry = (text: string, days = 1) => ({
    text,
    createdAt: daysAgo(days),
    updatedAt: daysAgo(days),
    confirmedAt: daysAgo(days),
  });
  it("are doubles and what nobody confirmed for half a year; the later of two doubles stays", () => {
    const entries = [
      entry("Ada likes tea with milk"),
      entry("ada likes the tea with milk."),
      entry("Uses vim", 200),
      entry("Uses zsh", 20),
    ];
    expect(flawsOf(entries, now)).toMatchObject([
      { flaw: "duplicate", next: "ada likes the tea with milk." },
      { flaw: "stale", entries: ["Uses vim"], next: null },
    ]);
    expect(flawsOf([{ text: "old and undated", createdAt: 0, updatedAt: 0, confirmedAt: 0 }], now)).toEqual([]);
  });
  it("never takes what one is said to do, and what another does, for the same", () => {
    expect(flawsOf([entry("Likes fish"), entry("Wife likes fish")], now)).toEqual([]);
  });
  it("never takes a statement and its opposite, or two numbers, for the same", () => {
    const opposite = [entry("Ada likes strong coffee"), entry("Ada does not like strong coffee")];
    const numbers = [entry("The build takes 30 minutes"), entry("The build takes 40 minutes")];
    for (const pair of [opposite, numbers]) expect(flawsOf(pair, now)).toEqual([]);
  });
});

it("a button of a proposal is recognised, and nothing else is", () => {
  const id = `prop_${"0a".repeat(13)}`;
  for (const decision of ["approve", "reject", "diff"])
    expect(pressedProposal(`${id}:${decision}`)).toEqual({ id, decision });
  for (const other of [`${id}:delete`, "q_1:approve", id, `x${id}:diff`])
    expect(pressedProposal(other)).toBeUndefined();
  expect(`${id}:approve`.length).toBeLessThanOrEqual(60);
});
