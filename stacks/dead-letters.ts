/** Where events end that nobody could handle: scheduled ones, and those of failed turns. An alarm watches it. */
import { nameOf } from "./account.ts";

/** The longest that SQS keeps a message: 14 days. */
const keptSeconds = 14 * 24 * 3600;

export const deadLetters = new aws.sqs.Queue("DeadLetters", {
  name: nameOf("dead-letters"),
  messageRetentionSeconds: keptSeconds,
  sqsManagedSseEnabled: true,
});
