import { containers } from "./containers.ts";
import { deletion } from "./delete.ts";
import { disks } from "./disks.ts";
import { git } from "./git.ts";
import { permissions } from "./permissions.ts";
import { pipes } from "./pipes.ts";
import { privileges } from "./privileges.ts";
import { processes } from "./processes.ts";
import type { Rule } from "./rule.ts";
import { services } from "./services.ts";
import { sql } from "./sql.ts";
import { windows } from "./windows.ts";
import { writing } from "./writes.ts";

/** What a person should see before it runs on their own machine. */
export const dangerous: readonly Rule[] = [
  ...deletion,
  ...windows,
  ...permissions,
  ...disks,
  ...sql,
  ...writing,
  ...services,
  ...processes,
  ...pipes,
  ...containers,
  ...git,
  ...privileges,
];
