import * as z from "zod";
import { shortDescription } from "../skills/index-text.ts";
import { runsHere } from "../skills/offered.ts";
import { defineTool } from "./tool.ts";

const input = z.object({ category: z.string().optional().describe("Only this one") });

export const skillsList = defineTool({
  name: "skills_list",
  toolset: "skills",
  description: "All skills: name, category, what for.",
  input,
  effect: "read",
  keepsResultWhole: true,
  async run({ category }, { skills }) {
    const all = (await skills.list()).filter(runsHere);
    const shown = category === undefined ? all : all.filter((skill) => skill.category === category);
    return {
      skills: shown.map(({ name, category, description, state, origin, isPinned }) => ({
        name,
        category,
        description: shortDescription(description),
        ...(state !== "active" && { state }),
        ...(origin !== "learnt" && { origin }),
        ...(isPinned && { pinned: true }),
      })),
      categories: [...new Set(all.map(({ category }) => category))].sort(),
      ...(shown.length === 0 && {
        hint: all.length === 0 ? "There are no skills yet." : "No skill has this category.",
      }),
    };
  },
});
