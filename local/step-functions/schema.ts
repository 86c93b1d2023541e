/** The shapes of definition.ts as zod schemas. Strict: an unknown field is refused, as AWS refuses it. */
import * as z from "zod";
import type { Flow, Machine, State, Template } from "./definition.ts";

const template: z.ZodType<Template> = z.json();
const assignments = z.record(z.string(), template);
/** AWS refuses fractions of a second, so they must not work here. */
const numberTemplate = z.union([z.number().int().nonnegative(), z.string()]);
const common = {
  Comment: z.string().optional(),
  QueryLanguage: z.literal("JSONata").optional(),
};
const output = { Output: template.optional() };
const transition = {
  Next: z.string().optional(),
  End: z.boolean().optional(),
  Assign: assignments.optional(),
};

const retrier = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.number().int().positive().optional(),
  MaxAttempts: z.number().int().nonnegative().optional(),
  BackoffRate: z.number().min(1).optional(),
  MaxDelaySeconds: z.number().int().positive().optional(),
  JitterStrategy: z.enum(["FULL", "NONE"]).optional(),
  Comment: z.string().optional(),
});

const catcher = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  Output: template.optional(),
  Assign: assignments.optional(),
  Comment: z.string().optional(),
});

const errorHandling = { Retry: z.array(retrier).optional(), Catch: z.array(catcher).optional() };

const choiceRule = z.strictObject({
  Condition: z.union([z.string(), z.boolean()]),
  Next: z.string(),
  Output: template.optional(),
  Assign: assignments.optional(),
  Comment: z.string().optional(),
});

const flowFields = {
  StartAt: z.string(),
  States: z.lazy(() => z.record(z.string().min(1).max(80), stateSchema)),
};

const flow: z.ZodType<Flow> = z.strictObject({ ...flowFields, Comment: z.string().optional() });

const itemProcessor = z.strictObject({
  ...flowFields,
  Comment: z.string().optional(),
  ProcessorConfig: z.strictObject({ Mode: z.literal("INLINE").optional() }).optional(),
});

const stateSchema: z.ZodType<State> = z.lazy(() =>
  z.discriminatedUnion("Type", [
    z.strictObject({ Type: z.literal("Pass"), ...common, ...output, ...transition }),
    z.strictObject({ Type: z.literal("Succeed"), ...common, ...output }),
    z.strictObject({
      Type: z.literal("Fail"),
      ...common,
      Error: z.string().optional(),
      Cause: z.string().optional(),
    }),
    z.strictObject({
      Type: z.literal("Wait"),
      ...common,
      ...output,
      ...transition,
      Seconds: numberTemplate.optional(),
      Timestamp: z.string().optional(),
    }),
    z.strictObject({
      Type: z.literal("Choice"),
      ...common,
      ...output,
      Choices: z.array(choiceRule).min(1),
      Default: z.string().optional(),
      Assign: assignments.optional(),
    }),
    z.strictObject({
      Type: z.literal("Task"),
      ...common,
      ...output,
      ...transition,
      ...errorHandling,
      Resource: z.string().min(1),
      Arguments: template.optional(),
      TimeoutSeconds: numberTemplate.optional(),
      HeartbeatSeconds: numberTemplate.optional(),
      Credentials: template.optional(),
    }),
    z.strictObject({
      Type: z.literal("Map"),
      ...common,
      ...output,
      ...transition,
      ...errorHandling,
      Items: template.optional(),
      ItemSelector: template.optional(),
      MaxConcurrency: numberTemplate.optional(),
      ItemProcessor: itemProcessor,
    }),
    z.strictObject({
      Type: z.literal("Parallel"),
      ...common,
      ...output,
      ...transition,
      ...errorHandling,
      Arguments: template.optional(),
      Branches: z.array(flow).min(1),
    }),
  ]),
);

export const machineSchema: z.ZodType<Machine> = z.strictObject({
  ...flowFields,
  QueryLanguage: z.literal("JSONata"),
  Comment: z.string().optional(),
  Version: z.string().optional(),
  TimeoutSeconds: z.number().int().positive().optional(),
});
