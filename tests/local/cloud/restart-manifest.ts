import { manifest as product, type Manifest } from "../../../stacks/manifest.ts";

/** What the restart tests run: the product's table, a bucket, and a machine whose only step is a function. */
export const restartManifest: Manifest = {
  tables: product.tables,
  buckets: ["bodies"],
  functions: {
    hold: { module: "hold.ts", memoryMb: 256, timeoutSeconds: 100 },
    record: { module: "record.ts", memoryMb: 256, timeoutSeconds: 10 },
  },
  machines: {
    turn: {
      definition: ({ functions }) => ({
        QueryLanguage: "JSONata",
        StartAt: "Step",
        States: { Step: { Type: "Task", Resource: functions["hold"], End: true } },
      }),
    },
  },
  schedules: {},
};
