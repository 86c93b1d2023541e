import type { ConverseStreamOutput } from "@aws-sdk/client-bedrock-runtime";
import type { Settings } from "../base/settings.ts";
import { toWireRequest } from "./bedrock-messages.ts";
import { BedrockReply } from "./bedrock-reply.ts";
import { classify, streamCut, type CallContext } from "./classify.ts";
import { defineProvider, type Model, type ModelEvent } from "./provider.ts";

/** Amazon Bedrock, ConverseStream: any model there, with the credentials of the role that runs this. */
export const bedrock = defineProvider({
  name: "bedrock",
  settings: [
    {
      name: "AWS_REGION",
      required: true,
      secret: false,
      help: "Region in which Amazon Bedrock is asked, for example us-east-1",
    },
    {
      name: "AWS_BEARER_TOKEN_BEDROCK",
      required: false,
      secret: true,
      help: "API key of Amazon Bedrock; without it the role's credentials are used",
    },
    {
      name: "BEDROCK_REGION",
      required: false,
      secret: false,
      help: "Ask Amazon Bedrock in another region than AWS_REGION",
    },
    {
      name: "BEDROCK_ACCESS_KEY_ID",
      required: false,
      secret: true,
      help: "Ask Amazon Bedrock as another identity than the role (with BEDROCK_SECRET_ACCESS_KEY)",
    },
    {
      name: "BEDROCK_SECRET_ACCESS_KEY",
      required: false,
      secret: true,
      help: "The secret that belongs to BEDROCK_ACCESS_KEY_ID",
    },
    {
      name: "BEDROCK_SESSION_TOKEN",
      required: false,
      secret: true,
      help: "The session token of temporary BEDROCK_ keys",
    },
  ],
  // Claude Sonnet 4.6 through its global inference profile, which can be called from every commercial region:
  // https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
  defaultModel: "global.anthropic.claude-sonnet-4-6",

  async connect(settings) {
    const { BedrockRuntimeClient, ConverseStreamCommand } = await import("@aws-sdk/client-bedrock-runtime");
    const token = settings["AWS_BEARER_TOKEN_BEDROCK"]?.trim();
    const region = (settings["BEDROCK_REGION"] || settings["AWS_REGION"])?.trim();
    const credentials = ownCredentials(settings);
    const client = new BedrockRuntimeClient({
      ...(region && { region }),
      ...(credentials && { credentials }),
      ...(token && { token: { token }, authSchemePreference: ["httpBearerAuth"] }),
      // The state machine retries, and only it.
      maxAttempts: 1,
    });
    const send: Send = async (request, signal) => {
      const { stream } = await client.send(new ConverseStreamCommand(toWireRequest(request)), { abortSignal: signal });
      return stream;
    };
    return connectedModel(send, [token, credentials?.secretAccessKey, credentials?.sessionToken].filter(isSet));
  },
});

const isSet = (value: string | undefined): value is string => Boolean(value);

/** Keys of another identity than the function's role; `undefined` leaves the choice to the SDK. */
function ownCredentials(settings: Settings) {
  const accessKeyId = settings["BEDROCK_ACCESS_KEY_ID"];
  const secretAccessKey = settings["BEDROCK_SECRET_ACCESS_KEY"];
  const sessionToken = settings["BEDROCK_SESSION_TOKEN"];
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

type Send = (
  request: Parameters<Model["complete"]>[0],
  signal: AbortSignal,
) => Promise<AsyncIterable<ConverseStreamOutput> | undefined>;

function connectedModel(send: Send, secrets: string[]): Model {
  return {
    async *complete(request, signal) {
      const context: CallContext = {
        provider: "Amazon Bedrock",
        model: request.model,
        access:
          "that the role may call bedrock:InvokeModelWithResponseStream, that the account has access to the model, and AWS_BEARER_TOKEN_BEDROCK if it is set",
        secrets,
      };
      // The SDK's stream goes on when its reader stops reading: this ends it then.
      const reading = new AbortController();
      try {
        const events = await send(request, AbortSignal.any([signal, reading.signal]));
        if (!events) throw streamCut(context);
        yield* readReply(events, context, signal);
      } catch (error) {
        throw classify(error, context, signal);
      } finally {
        reading.abort();
      }
    },
  };
}

async function* readReply(
  events: AsyncIterable<ConverseStreamOutput>,
  context: CallContext,
  signal: AbortSignal,
): AsyncIterable<ModelEvent> {
  const reply = new BedrockReply();
  try {
    for await (const event of events) {
      signal.throwIfAborted();
      const delta = reply.add(event);
      if (delta) yield { type: "text", delta };
    }
  } catch (error) {
    throw isServiceError(error) ? error : streamCut(context, error);
  }
  const completed = reply.complete();
  if (!completed) throw streamCut(context);
  yield completed;
}

/** An exception that the service put into the stream, as against a torn connection or broken bytes. */
const isServiceError = (error: unknown): boolean => error instanceof Error && "$fault" in error;
