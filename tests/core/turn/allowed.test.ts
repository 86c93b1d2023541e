import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allowedAlwaysKey } from "../../../core/store/keys.ts";
import { dynamoDbSdk } from "../../../core/store/dynamodb-sdk.ts";
import { type AllowedRules, openAllowedRules } from "../../../core/store/permissions.ts";
import { openTable, type Table } from "../../../core/store/table.ts";
import { allowedText } from "../../../core/turn/allowed.ts";
import { resourceEnvironment } from "../../../stacks/manifest.ts";
import { startAgent, type TestAgent } from "../../support/agent.ts";

let agent: TestAgent;
let table: Table;
let rules: AllowedRules;
let now = Date.UTC(2026, 0, 1);
beforeAll(async () => {
  agent = await startAgent(() => ({ text: "never asked" }));
  table = openTable(String(agent.cloud.awsEnvironment[resourceEnvironment.table]), dynamoDbSdk());
  rules = openAllowedRules(table, () => (now += 60_000));
});
afterAll(() => agent.close());

let count = 0;
/** A person in a session that no other case uses. */
function newDesk({ owner = `telegram::${(count += 1)}`, isGroup = false } = {}) {
  const about = { profile: "main", owner, session: `ses_${(count += 1)}` };
  const say = (said: string) => allowedText(said, { about, rules, isGroup });
  const names = async () => (await rules.list(about)).map(({ rule }) => rule);
  return { about, say, names };
}

describe("/allowed", () => {
  it("lists what is allowed in plain words, with its scope and time, in the order it was allowed", async () => {
    const { about, say } = newDesk();
    await rules.add(about, ["outward.git-push"], "always");
    await rules.add(about, ["outward.mail"], "session");
    const [, first, second] = (await say("")).split("\n");
    expect(first).toMatch(/^1\. It pushes commits to others\. _\(`outward\.git-push`, always, since 2026-01-01 00:/);
    expect(second).toMatch(/^2\. It sends mail\. _\(`outward\.mail`, in this session, since 2026-01-01 00:/);
  });

  it("says so when nothing is, and before there is any record", async () => {
    const { say } = newDesk();
    expect(await say("list")).toContain("nothing for longer than once");
    expect(await say("forget all")).toContain("nothing for longer than once");
  });

  it("shows what was allowed before times were kept, and what no rule is about any more", async () => {
    const { about, say } = newDesk();
    await table.put(allowedAlwaysKey(about.profile, about.owner), { allowed: { "gone.rule": true } });
    expect(await say("")).toContain("do not look out for any more. _(`gone.rule`, always)_");
    await say("forget gone.rule");
    expect(await rules.list(about)).toEqual([]);
  });

  it("is each person's own, and a group's own", async () => {
    const [one, other, group] = [newDesk(), newDesk(), newDesk({ isGroup: true })];
    await rules.add(one.about, ["outward.mail"], "always");
    await rules.add(group.about, ["outward.curl"], "always");
    expect(await other.say("")).toContain("nothing");
    await other.say("forget all");
    expect(await one.names()).toEqual(["outward.mail"]);
    expect(await group.say("")).toContain("always, in this conversation");
  });

  it("keeps what is allowed always for the next session, and what was for one session not", async () => {
    const before = newDesk();
    await rules.add(before.about, ["outward.mail"], "always");
    await rules.add(before.about, ["outward.curl"], "session");
    expect(await newDesk({ owner: before.about.owner }).names()).toEqual(["outward.mail"]);
  });
});

describe("/allowed forget", () => {
  it("takes numbers as those of the list that was shown, also when it is carried out twice", async () => {
    const { about, say, names } = newDesk();
    await rules.add(about, ["outward.mail", "outward.curl", "outward.message"], "always");
    expect(await say("forget 1")).toContain("Which one?");
    await say("");
    expect(await say("forget 1")).toContain("It sends mail.");
    await say("forget 1");
    expect(await names()).toEqual(["outward.curl", "outward.message"]);
    await say("forget 2");
    expect(await names()).toEqual(["outward.message"]);
  });

  it("takes a rule back wherever it is allowed", async () => {
    const { about, say, names } = newDesk();
    await rules.add(about, ["outward.mail"], "session");
    await rules.add(about, ["outward.mail"], "always");
    await say("forget Outward.Mail");
    expect(await names()).toEqual([]);
  });

  it("takes all back, and a rule can be allowed again", async () => {
    const { about, say, names } = newDesk();
    await rules.add(about, ["outward.mail"], "session");
    await rules.add(about, ["outward.curl"], "always");
    await say("forget all");
    expect(await names()).toEqual([]);
    await rules.add(about, ["outward.curl"], "always");
    expect(await names()).toEqual(["outward.curl"]);
  });

  it.each(["forget", "forget 0", "forget 9", "forget nothing.known", "forget one two", "words"])(
    "changes nothing when it is not clear what is meant: %s",
    async (said) => {
      const { about, say, names } = newDesk();
      await rules.add(about, ["outward.mail"], "always");
      await say("");
      expect(await say(said)).toContain("`/allowed forget 2`");
      expect(await names()).toEqual(["outward.mail"]);
    },
  );
});
