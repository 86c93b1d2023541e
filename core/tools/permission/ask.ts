import * as z from "zod";
import { codeBlock } from "../../base/code-block.ts";
import { newId } from "../../base/ids.ts";
import type { Json } from "../../base/json.ts";
import { mayLast } from "../../guard/command.ts";
import { type Permission, type ToolContext, Waiting, type Wake } from "../tool.ts";

const maxWaitMs = 3 * 24 * 3_600_000;

/** Kept while the person decides. */
export const permissionState = z.object({ phase: z.literal("permission"), rules: z.array(z.string()) });

/** Of what is asked about, in the question; messages are short. */
const maxShownChars = 2_000;

export interface Asked {
  /** What would run. */
  command: string;
  /** The question above it. */
  lead?: string;
}

/** Asks the person whether the command may run. What nobody can read, or rules do not name, is allowed only once. */
export function askForPermission(
  { command, lead = "May I run this command?" }: Asked,
  { reason, rules }: Extract<Permission, { verdict: "ask" }>,
  context: ToolContext,
): Waiting {
  const lasting =
    rules.length === 0 || !rules.every(mayLast)
      ? []
      : [
          { id: "session", label: "For this session" },
          { id: "always", label: "Always" },
        ];
  return new Waiting({
    state: { phase: "permission", rules: [...rules] } satisfies z.infer<typeof permissionState>,
    until: context.clock.now() + maxWaitMs,
    question: {
      id: newId("question"),
      text: `${lead}\n\n${shownCommand(command)}\n\n${reason}`,
      choices: [{ id: "once", label: "Once" }, ...lasting, { id: "deny", label: "No" }],
    },
  });
}

/** What follows from the answer: the command goes on, or this is the call's result. */
export async function permitted(
  rules: readonly string[],
  wake: Wake,
  context: ToolContext,
): Promise<{ goesOn: true } | { goesOn: false; result: Json }> {
  const no = (result: Json) => ({ goesOn: false as const, result });
  if (wake.by === "message")
    return no({ error: "Not run: the person did not answer, and wrote something else meanwhile." });
  if (wake.by === "stop") return no({ error: "Not run: the person said stop." });
  if (wake.by !== "answer") return no(unanswered);
  const choice = wake.choice ?? choiceIn(wake.text);
  const lasting = rules.filter(mayLast);
  if ((choice === "session" || choice === "always") && lasting.length === rules.length)
    await context.permissions.allow(lasting, choice);
  if (choice === "once" || choice === "session" || choice === "always") return { goesOn: true };
  if (choice === "deny")
    return no({
      error: "The person said no to this command. Do not try it again in another form; ask what they want instead.",
    });
  return no({
    status: "not allowed",
    note: "Not run: the person neither allowed nor refused it, but answered this.",
    answer: wake.text,
  });
}

const unanswered: Json = {
  status: "not answered",
  note: "Not run: nobody answered within 3 days. That is not a refusal; say what is waiting for them, and ask again when it matters.",
};

const words: Record<string, readonly string[]> = {
  once: [
    "once",
    "yes",
    "y",
    "yep",
    "yeah",
    "sure",
    "ok",
    "okay",
    "approve",
    "approved",
    "allow",
    "allowed",
    "go",
    "go ahead",
    "do it",
  ].concat(["ja", "oui", "sí", "si", "sim", "да", "tak", "ano", "はい", "是", "好", "👍", "✅"]),
  session: ["session", "for this session", "allow for this session", "yes for this session"],
  always: ["always", "allow always", "always allow", "yes always", "immer", "toujours", "siempre"],
  deny: ["no", "n", "nope", "deny", "denied", "refuse", "reject", "don't", "do not", "never", "stop", "cancel"].concat([
    "nein",
    "non",
    "não",
    "нет",
    "nie",
    "ne",
    "いいえ",
    "不",
    "👎",
    "❌",
  ]),
};

/** A short answer in words that means one of the choices; anything longer is not read as one. */
function choiceIn(text: string): string | undefined {
  const said = text
    .trim()
    .toLowerCase()
    .replaceAll(/[,.!;]+/g, "")
    .replaceAll(/\s+/g, " ")
    .replace(/ please$/, "");
  return Object.keys(words).find((choice) => words[choice]?.includes(said));
}

/** A long one as its two ends, with a note that says so: what is left out must not go unnoticed. */
function shownCommand(command: string): string {
  if (command.length <= maxShownChars) return codeBlock(command);
  const half = maxShownChars / 2;
  const left = command.length - maxShownChars;
  const whole = `It is ${command.length} characters long: the ${left} in the middle are not shown. Say no and ask for it in a file if you want to read it all.`;
  return `${codeBlock(`${command.slice(0, half)}\n[… ${left} characters …]\n${command.slice(-half)}`)}\n\n${whole}`;
}
