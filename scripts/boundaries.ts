/**
 * Import directions (ARCHITECTURE.md) as errors: functions, local, cli → registries → adapters → contracts →
 * conversation → base. Also the imports that cost a bundle dearly, and reading the environment outside of a
 * composition root.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

interface Rule {
  /** Files the rule is about. */
  files: RegExp;
  /** What they may import of the project, besides their own folder. */
  may: RegExp[];
}

const base = /^core\/base\//;
const conversation = /^core\/conversation\//;
const contracts =
  /^core\/(platforms\/(platform|mailbox)|tools\/tool|providers\/provider|shells\/(shell|session|passthrough|quote|output-window)|skills\/skill|learning\/ledger|search\/search|memory\/provider)\.ts$/;
const guard = /^core\/guard\//;
/** What is written once on top of any shell. */
const onShells = /^core\/shells\/((jobs|checkpoints)\/|lifetime\.ts$)/;
const inner = [base, conversation, contracts];

/** The first rule that fits a file counts. */
const rules: Rule[] = [
  { files: base, may: [] },
  { files: conversation, may: [base] },
  { files: /^core\/platforms\//, may: [...inner, /^core\/gateway\/render\//] },
  { files: guard, may: [base] },
  { files: /^core\/tools\//, may: [...inner, guard, onShells, /^core\/(skills|search|memory)\//] },
  { files: /^core\/shells\//, may: [...inner, guard] },
  { files: /^core\/providers\//, may: inner },
  { files: /^core\/(skills|search|memory)\//, may: [...inner, guard, /^core\/store\/(table|keys|blobs|bodies)\.ts$/] },
  { files: /^core\/store\//, may: [...inner, /^core\/(skills|search|memory)\//] },
  { files: /^core\/learning\//, may: [...inner, guard, /^core\/(agent|gateway|store|skills|search|memory|tools)\//] },
  { files: /^core\/agent\//, may: [...inner, /^core\/tools\/memory\//] },
  { files: /^core\/gateway\//, may: [...inner, /^core\/turn\/ports\.ts$/] },
  {
    files: /^core\/turn\//,
    may: [
      ...inner,
      guard,
      onShells,
      /^core\/(agent|gateway|store|skills|search|memory|learning)\//,
      /^core\/tools\/[a-z-]+\.ts$/,
    ],
  },
  {
    files: /^(stacks\/|agent\.config\.ts)/,
    may: [/^core\/turn\/machine\.ts$/, /^core\/base\/agent-config\.ts$/, /^agent\.config\.ts$/],
  },
  // Runs in a machine of the cloud, bundled to one small file: nothing that brings a library.
  { files: /^shell-agent\//, may: [base, /^core\/shells\//] },
  { files: /^web\//, may: [/^core\/base\/(errors|clock)\.ts$/, /^core\/gateway\/render\//] },
  { files: /^functions\//, may: [/^core\//, /^stacks\/(manifest|secret-names)\.ts$/, /^agent\.config\.ts$/] },
  { files: /^(local|cli|scripts|bench|tests)\//, may: [/./] },
];

const heavy: [pattern: RegExp, allowed: RegExp, why: string][] = [
  [
    /import (\{[^}]*\bz\b[^}]*\}|z) from "zod"/,
    /^$/,
    'write import * as z from "zod": the other forms bundle every locale',
  ],
  [/from "grammy"/, /^$/, "import grammy/web: the main entry bundles node-fetch"],
  [
    /from "@slack\/bolt"/,
    /^(local\/bridges|tests)\//,
    "1.5 MB, and it runs retries twice: only the laptop bridge and tests",
  ],
  [/process\.env/, /^(functions|shell-agent|local|cli|scripts|bench|tests)\//, "core is handed its settings"],
];

const importPattern = /(?:import|export)[^;'"]*?from\s*"(\.[^"]+)"|import\(\s*"(\.[^"]+)"\s*\)|import\s+"(\.[^"]+)"/g;

/** An adapter is a file of its folder, or a sub-folder; two adapters of one folder know nothing of each other. */
function areSiblings(file: string, target: string): boolean {
  const folder = /^core\/(platforms|tools|providers|shells)\//.exec(file)?.[0];
  if (!folder || !target.startsWith(folder)) return false;
  const isAdapter = (path: string) => adapters.has(path);
  return isAdapter(file) && isAdapter(target);
}

const files = globSync("{core,shell-agent,functions,stacks,local,cli,scripts,bench,tests,web}/**/*.ts", {
  exclude: ["**/node_modules/**"],
});
const sources = new Map(files.map((file) => [file, readFileSync(file, "utf8")]));
const adapters = new Set(
  files.filter((file) =>
    /export const \w+(: \w+)? = define(Platform|Tool|Provider|Shell)\(/.test(sources.get(file) ?? ""),
  ),
);

const problems: string[] = [];
for (const [file, source] of sources) {
  for (const [pattern, allowed, why] of heavy) {
    if (pattern.test(source) && !allowed.test(file) && !file.startsWith("scripts/")) problems.push(`${file}: ${why}`);
  }
  const isRegistry = /^core\/\w+\/index\.ts$/.test(file);
  const rule = rules.find((candidate) => candidate.files.test(file));
  if (!rule || isRegistry) continue;
  const own = /^core\/[^/]+\/|^[^/]+\//.exec(file)?.[0] ?? "";
  for (const match of source.matchAll(importPattern)) {
    const target = normalize(join(dirname(file), match[1] ?? match[2] ?? match[3] ?? ""));
    if (areSiblings(file, target)) problems.push(`${file}: imports its sibling ${target}`);
    if (target.startsWith(own) || rule.may.some((may) => may.test(target))) continue;
    problems.push(`${file}: may not import ${target}`);
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
