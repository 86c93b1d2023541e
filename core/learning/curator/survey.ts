/** A look at the whole library: which skills overlap, and how each does. Texts are read for their headings and let go. */
import { mainFile, textOfFile } from "../../skills/format.ts";
import type { SkillLibrary, SkillRecord } from "../../skills/skill.ts";
import { gradesOf, type Grade } from "./grade.ts";
import { headingsOf } from "./preservation.ts";
import { clustersOf, type Outline, type Overlap, overlapsOf, overlapThreshold } from "./similarity.ts";
import { inBatches } from "./batches.ts";

export interface Survey {
  overlaps: Overlap[];
  grades: Grade[];
}

/** Names and descriptions alone find who is looked at closer. */
const firstThreshold = overlapThreshold * 0.6;
const readsAtOnce = 16;

export async function surveyOf(records: readonly SkillRecord[], library: SkillLibrary, now: number): Promise<Survey> {
  const plain = records.map((record): Outline => ({
    name: record.name,
    description: record.description,
    headings: [],
  }));
  const near = new Set(overlapsOf(plain, firstThreshold).flatMap(({ names }) => names));
  const headings = new Map<string, string[]>();
  await inBatches(
    records.filter(({ name }) => near.has(name)),
    readsAtOnce,
    async (record) => {
      const bytes = await library.readFile(record, mainFile);
      headings.set(record.name, headingsOf((bytes && textOfFile(bytes)) ?? ""));
    },
  );
  const overlaps = overlapsOf(plain.map((outline) => ({ ...outline, headings: headings.get(outline.name) ?? [] })));
  return { overlaps, grades: gradesOf(records, overlaps, now) };
}

/** What the model is asked about: groups of overlapping skills, and those that do not help. */
export function subjectsOf({ overlaps, grades }: Survey, curated: readonly SkillRecord[]): SkillRecord[][] {
  const byName = new Map(curated.map((record) => [record.name, record]));
  const clusters = clustersOf(overlaps.filter(({ names }) => names.every((name) => byName.has(name))));
  const taken = new Set(clusters.flat());
  const singles = grades
    .filter(({ name, verdicts }) => verdicts.includes("loaded but unhelpful") && !taken.has(name))
    .map(({ name }) => [name]);
  return [...clusters, ...singles]
    .map((names) => names.flatMap((name) => byName.get(name) ?? []))
    .filter((group) => group.length > 0);
}
