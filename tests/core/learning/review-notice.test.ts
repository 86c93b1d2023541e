import { describe, expect, it } from "vitest";
import type { LedgerEntry } from "../../../core/learning/ledger.ts";
import { noticeOf } from "../../../core/learning/review/notice.ts";

const entry = (changes: Partial<LedgerEntry>): LedgerEntry => ({
  id: "led_1",
  at: 1,
  actor: "review",
  subject: { kind: "notebook", name: "user#telegram::42" },
  action: "change",
  before: ["a"],
  after: ["a", "b"],
  reason: "why",
  ...changes,
});
const skill = entry({ subject: { kind: "skill", name: "tables" }, action: "create", before: null, after: {} });
const noted = (text: string) => ({ text, createdAt: 1, updatedAt: 1, confirmedAt: 1, actor: "review" });

describe("the notice of a review", () => {
  const on = { mode: "on", isAsked: false, isGroup: false, adoptable: [] } as const;

  it("is one line that lists each kind of change once", () => {
    const line = "Self-improvement review: notes about you updated · new skill `tables`";
    expect(noticeOf([entry({}), entry({ id: "led_2" }), skill], on)).toBe(line);
    expect(noticeOf([skill, entry({})], on)).toBe(line);
  });

  it("is empty when nothing was learnt or nobody wants it, unless somebody asked", () => {
    expect(noticeOf([], on)).toBe("");
    expect(noticeOf([skill], { ...on, mode: "off" })).toBe("");
    expect(noticeOf([skill], { ...on, mode: "off", isAsked: true })).toContain("tables");
    expect(noticeOf([], { ...on, isAsked: true })).toBe("Self-improvement review: nothing to save.");
  });

  it("says in the same line which skills their owner could let it improve", () => {
    const wished = { ...on, adoptable: ["code-review"] };
    const wish = "skill `code-review` could be better but is not mine to change: `/skills adopt code-review` lets me";
    expect(noticeOf([], wished)).toBe(`Self-improvement review: ${wish}`);
    expect(noticeOf([skill], wished)).toBe(`Self-improvement review: new skill \`tables\` · ${wish}`);
    expect(noticeOf([], { ...wished, mode: "off" })).toBe("");
  });

  it("names no owner, and in a group speaks of the group", () => {
    const text = noticeOf([entry({})], { ...on, mode: "verbose", isGroup: true });
    expect(text).toContain("notes about this group updated");
    expect(text).not.toContain("42");
  });

  it("shows old and new in verbose mode, cut to 120 characters", () => {
    const change = entry({ before: [noted("likes tea")], after: [noted(`likes coffee ${"very ".repeat(40)}much`)] });
    const [, detail = ""] = noticeOf([change], { ...on, mode: "verbose" }).split("\n");
    expect(detail).toMatch(/^- “likes tea” → “likes coffee very .*…”$/);
    expect(detail.length).toBeLessThan(150);
  });
});
