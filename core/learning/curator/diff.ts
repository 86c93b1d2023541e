/** A proposal as a person reads it before deciding. */
import { codeBlock } from "../../base/code-block.ts";
import { mainFile, textOfFile } from "../../skills/format.ts";
import type { SkillFile, SkillLibrary } from "../../skills/skill.ts";
import type { Proposal, SkillsChange } from "../../store/proposals.ts";
import { unifiedDiff } from "../../tools/files/unified-diff.ts";
import { filesOf } from "./package-of.ts";
import { isNotebookChange, sayChange } from "./proposal.ts";
import { sayLoss } from "./report.ts";

/** Markdown: what it is about, what it would lose, and each file as a diff. */
export async function diffOf({ number, status, reason, change }: Proposal, skills: SkillLibrary): Promise<string> {
  const head = `**Proposal ${number}** (${status}): ${sayChange(change)}\n${reason}${sayLoss(change)}`;
  const diffs = isNotebookChange(change)
    ? [unifiedDiff("notebook", change.entries.join("\n"), change.next ?? "")]
    : await diffsOfSkills(change, skills);
  return [head, ...diffs.map((diff) => codeBlock(diff, "diff"))].join("\n\n");
}

async function diffsOfSkills(change: SkillsChange, skills: SkillLibrary): Promise<string[]> {
  const { into, from } = change;
  const after = (await filesOf(skills, change.files)) ?? [];
  const target = into?.revision ? { name: into.name, revision: into.revision } : undefined;
  const others = from.filter(({ name }) => name !== target?.name);
  const diffs: string[] = [];
  for (const file of after) {
    const path = `${into?.name}/${file.path}`;
    // What a source said and the result does not is seen only beside that source.
    const sources = file.path === mainFile ? others : [];
    const titled = sources.map((source) => ({ source, title: `${path} (from ${source.name})` }));
    const all = target || sources.length === 0 ? [{ source: target, title: path }, ...titled] : titled;
    for (const { source, title } of all) {
      const before = source && (await skills.readFile(source, file.path));
      const [old, now] = [before ? readable({ path: file.path, content: before }) : "", readable(file)];
      if (old !== now) diffs.push(unifiedDiff(title, old, now));
    }
  }
  const archived = from
    .filter(({ name }) => name !== into?.name)
    .map(({ name }) => `archive ${name} (it can be restored)`);
  return archived.length === 0 ? diffs : [...diffs, archived.join("\n")];
}

const readable = ({ content }: SkillFile): string => textOfFile(content) ?? `(${content.length} bytes)`;
