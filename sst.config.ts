// oxlint-disable-next-line typescript/triple-slash-reference -- SST declares its globals there
/// <reference path="./.sst/platform/config.d.ts" />

/** What `sst deploy` runs. SST forbids static imports here: `app` is evaluated before the stacks can be. */
export default $config({
  async app({ stage }) {
    const { default: agent } = await import("./agent.config.ts");
    const isProduction = stage === "production";
    return {
      name: agent.name,
      home: "aws",
      version: "4.17.1",
      // In production nothing that holds data goes away with `sst remove`, and the stage refuses to be removed at all,
      // unless `npm run remove` was told its name.
      removal: isProduction ? "retain" : "remove",
      protect: isProduction && process.env["TALARIA_REMOVE"] !== `${agent.name}-${stage}`,
      providers: {
        aws: { region: agent.region as aws.Region, defaultTags: { tags: { "talaria:profile": agent.profile } } },
      },
    };
  },
  async run() {
    const { table, bucket } = await import("./stacks/storage.ts");
    const { functions } = await import("./stacks/functions.ts");
    const { turnMachine } = await import("./stacks/turn.ts");
    const { shellImage } = await import("./stacks/shell-images.ts");
    const { shellTask } = await import("./stacks/shells.ts");
    await import("./stacks/failures.ts");
    await import("./stacks/schedules.ts");
    await import("./stacks/alarms.ts");
    return {
      webhooks: functions.webhooks.url,
      table: table.name,
      bucket: bucket.name,
      turnMachine: turnMachine.arn,
      ...(shellImage && { shellImage: shellImage.arn, shellImageRole: shellImage.buildRole }),
      ...(shellTask?.build && {
        taskImageProject: shellTask.build.project,
        taskImageRepository: shellTask.build.repository,
      }),
    };
  },
});
