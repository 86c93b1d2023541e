/** A deployment that is broken on purpose: each must stop with words that name what is wrong. */
import type { CopyOptions } from "../harness/working-copy.ts";

export interface Breakage {
  name: string;
  copy: CopyOptions;
  /** What the CLI must say. */
  says: RegExp;
}

const replace =
  (what: string, by: string) =>
  (text: string): string =>
    text.replace(what, by);

export const breakages: Breakage[] = [
  {
    name: "a handler that does not exist stops the deploy, and is named",
    copy: { edits: { "stacks/manifest.ts": replace("functions/abandon/handler.ts", "functions/abandon/gone.ts") } },
    says: /functions\/abandon\/gone/,
  },
  {
    name: "two resources of one name stop the deploy, and the name is said",
    copy: { edits: { "stacks/alarms.ts": replace('watch("TurnsTimedOut"', 'watch("TurnsFailed"') } },
    says: /Duplicate resource URN.*TurnsFailed/,
  },
  {
    name: "a state that names a function which the manifest does not have stops the deploy, and is named",
    copy: { edits: { "stacks/manifest.ts": replace('abandon = ""', 'abandoned: abandon = ""') } },
    says: /The state “Abandon” of the turn machine names a function/,
  },
  {
    name: "a platform that does not exist stops the deploy, and the known ones are listed",
    copy: { config: { platforms: ["telegraph"] } },
    says: /names the platform “telegraph”\. I know: .*telegram/,
  },
  {
    name: "more settings than a Lambda holds stop the deploy, with what to shorten",
    copy: { config: { allowedUsers: Array.from({ length: 200 }, (_, index) => `telegram:${1e9 + index}`) } },
    says: /settings for webhooks.*shorten allowedUsers/,
  },
];
