import { systemClock } from "../core/base/clock.ts";
import type { SkillStore } from "../core/skills/library.ts";
import type { Actor } from "../core/skills/skill.ts";
import { openBlobs } from "../core/store/blobs.ts";
import { dynamoDbSdk } from "../core/store/dynamodb-sdk.ts";
import { openLedger } from "../core/store/ledger.ts";
import { openSkillLibrary } from "../core/store/skills.ts";
import { openTable } from "../core/store/table.ts";

/** Where a profile's skills are; AWS itself is found by this process's environment. */
export interface ProfileStorage {
  table: string;
  bucket: string;
  profile: string;
}

/** The skills of a profile, straight from its store. */
export function openProfileSkills({ table: name, bucket, profile }: ProfileStorage, actor: Actor): SkillStore {
  const now = () => systemClock.now();
  const table = openTable(name, dynamoDbSdk());
  const ledger = openLedger(table, profile, now);
  return openSkillLibrary({ table, blobs: openBlobs(bucket), ledger, profile, actor, now });
}
