/** One table and one bucket hold everything. Point-in-time recovery is on by default; data outlives a mistake. */
import { expiringObjects, manifest, type TableSpec } from "./manifest.ts";

const spec: TableSpec = manifest.tables.state;
const { keys, localIndexes, globalIndexes, expiresAttribute } = spec;

const keyAttributes = [
  keys.partition,
  keys.sort,
  ...Object.values(localIndexes).map((index) => index.sort),
  ...Object.values(globalIndexes).flatMap((index) => [index.partition, index.sort]),
];

export const table = new sst.aws.Dynamo("State", {
  fields: Object.fromEntries(keyAttributes.map((name) => [name, "string" as const])),
  primaryIndex: { hashKey: keys.partition, rangeKey: keys.sort },
  localIndexes: Object.fromEntries(Object.entries(localIndexes).map(([name, { sort }]) => [name, { rangeKey: sort }])),
  globalIndexes: Object.fromEntries(
    Object.entries(globalIndexes).map(([name, { partition, sort }]) => [name, { hashKey: partition, rangeKey: sort }]),
  ),
  ttl: expiresAttribute,
  deletionProtection: $app.stage === "production",
});

/** Private and HTTPS only; nobody's browser reads it, so no CORS. */
export const bucket = new sst.aws.Bucket("Bodies", {
  cors: false,
  lifecycle: expiringObjects.map(({ prefix, afterDays }) => ({
    id: `expire-${prefix.replaceAll("/", "")}`,
    prefix,
    expiresIn: `${afterDays} days` as const,
  })),
});
