import * as z from "zod";
import { messageOf } from "../../../core/base/errors.ts";
import { parseJson, type Json } from "../../../core/base/json.ts";
import { AslError } from "../errors.ts";
import type { Integration } from "./integration.ts";

export interface InvokeOptions {
  signal: AbortSignal;
  /** Absent means RequestResponse. */
  invocationType?: "RequestResponse" | "Event" | "DryRun" | undefined;
}

export interface InvokeResult {
  /** What the function returned; with `functionError` what it threw: `{ errorType, errorMessage, … }`. */
  payload: Json;
  /** "Handled" or "Unhandled" when the function threw, timed out or died. */
  functionError?: string | undefined;
  /** 200 when absent; 202 for Event, 204 for DryRun. */
  statusCode?: number | undefined;
}

/**
 * Invokes a function by its bare name. The payload is a fresh copy. Must throw, when the service itself refuses, an
 * error whose `name` is the service's (`ResourceNotFoundException`), and leave a connection's error code on the error.
 */
export type InvokeLambda = (functionName: string, payload: Json, options: InvokeOptions) => Promise<InvokeResult>;

const optimised = "arn:aws:states:::lambda:invoke";

const invokeArguments = z.object({
  FunctionName: z.string().min(1),
  Payload: z.json().optional(),
  InvocationType: z.enum(["RequestResponse", "Event", "DryRun"]).optional(),
});

/** `arn:aws:lambda:…:function:<name>[:qualifier]`, `account:function:<name>` or the bare name, as the bare name. */
export const functionNameOf = (nameOrArn: string): string =>
  nameOrArn.replace(/^.*:function:/, "").split(":", 1)[0] ?? nameOrArn;

export const lambdaIntegration = (invoke: InvokeLambda): Integration => ({
  handles: (resource) => resource === optimised || resource.startsWith("arn:aws:lambda:"),
  call: async ({ resource, arguments: values, signal }) => {
    if (resource !== optimised) return (await invokeMapped(invoke, resource, values, { signal })).payload;
    const parsed = invokeArguments.safeParse(values);
    if (!parsed.success) throw new AslError("States.Runtime", `lambda:invoke needs a FunctionName and a JSON Payload.`);
    const { FunctionName, Payload, InvocationType } = parsed.data;
    const options = { signal, invocationType: InvocationType };
    const result = await invokeMapped(invoke, FunctionName, Payload ?? {}, options);
    return { ExecutedVersion: "$LATEST", Payload: result.payload, StatusCode: result.statusCode ?? 200 };
  },
});

async function invokeMapped(invoke: InvokeLambda, nameOrArn: string, payload: Json, options: InvokeOptions) {
  const result = await invoke(functionNameOf(nameOrArn), payload, options).catch((error: unknown) => {
    throw new AslError(`Lambda.${exceptionName(error)}`, messageOf(error));
  });
  if (result.functionError === undefined) return result;
  throw new AslError(errorTypeOf(result.payload), JSON.stringify(result.payload));
}

function errorTypeOf(payload: Json): string {
  const parsed = z.looseObject({ errorType: z.string().min(1) }).safeParse(payload);
  return parsed.success ? parsed.data.errorType : "Lambda.Unknown";
}

const connectionCodes = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR)/;
const connectionNames = new Set(["TimeoutError", "AbortError", "NetworkingError"]);

/** A service's refusal keeps its name; a call that did not reach it, or lost it, is the client's exception. */
function exceptionName(error: unknown): string {
  if (!(error instanceof Error)) return "Unknown";
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const isConnection = connectionCodes.test(code) || connectionNames.has(error.name);
  if (isConnection || !error.name.endsWith("Exception")) return "SdkClientException";
  return error.name;
}

/** Invokes through the SDK, whose client is loaded at the first call; its environment says where it goes. */
export function sdkInvokeLambda(): InvokeLambda {
  const connect = async () => {
    const { LambdaClient, InvokeCommand } = await import("@aws-sdk/client-lambda");
    return { client: new LambdaClient({ maxAttempts: 1 }), InvokeCommand };
  };
  let connected: ReturnType<typeof connect> | undefined;
  return async (functionName, payload, { signal, invocationType }) => {
    const { client, InvokeCommand } = await (connected ??= connect());
    const command = new InvokeCommand({
      FunctionName: functionName,
      InvocationType: invocationType,
      Payload: JSON.stringify(payload),
    });
    const answer = await client.send(command, { abortSignal: signal });
    const text = Buffer.from(answer.Payload ?? []).toString("utf8");
    return {
      payload: (parseJson(text) ?? null) as Json,
      functionError: answer.FunctionError,
      statusCode: answer.StatusCode,
    };
  };
}
