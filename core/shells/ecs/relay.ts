import type { LambdaClient } from "@aws-sdk/client-lambda";
import * as z from "zod";
import { messageOf } from "../../base/errors.ts";
import { parseJson } from "../../base/json.ts";
import { unreachable, type Exchange } from "../exec-agent/client.ts";

/** What functions/relay answers. */
const relayedSchema = z.union([
  z.object({ status: z.number(), body: z.string() }),
  z.object({ unreachable: z.string() }),
]);

export interface RelayTarget {
  /** `address:port` within the shells' network. */
  to: string;
  token: string;
}

/** Exchanges by way of the one function that is in the same network as the tasks. */
export async function openRelay(lambda: LambdaClient, functionName: string) {
  const { InvokeCommand } = await import("@aws-sdk/client-lambda");

  async function invoke(payload: object): Promise<unknown> {
    try {
      const command = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(payload)) });
      const { Payload, FunctionError } = await lambda.send(command);
      // Its text could repeat what it was sent, the token with it.
      if (FunctionError) throw new Error("the relay failed");
      return parseJson(Buffer.from(Payload ?? []).toString("utf8"));
    } catch (error) {
      throw unreachable(messageOf(error), error);
    }
  }

  return ({ to, token }: RelayTarget): Exchange =>
    async ({ method, path, body }) => {
      const sent = body && Buffer.from(body).toString("base64");
      const relayed = relayedSchema.parse(await invoke({ to, token, method, path, ...(sent && { body: sent }) }));
      if ("unreachable" in relayed) throw unreachable(relayed.unreachable);
      return { status: relayed.status, body: Buffer.from(relayed.body, "base64") };
    };
}
