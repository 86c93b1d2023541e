import type OpenAI from "openai";
import { refused } from "../base/errors.ts";
import type { Settings } from "../base/settings.ts";
import { classify, streamCut, type CallContext } from "./classify.ts";
import { drainingFetch } from "./draining-fetch.ts";
import { toWireRequest } from "./openai-messages.ts";
import { OpenAIReply } from "./openai-reply.ts";
import { defineProvider, type Model, type ModelEvent } from "./provider.ts";

const ownBaseUrl = "https://api.openai.com/v1";

/** OpenAI chat completions, and every server that speaks the same protocol. */
export const openai = defineProvider({
  name: "openai",
  settings: [
    {
      name: "OPENAI_API_KEY",
      // Required by OpenAI itself, which `connect` sees to; a local server behind OPENAI_BASE_URL often needs none.
      required: false,
      secret: true,
      help: "API key of OpenAI or of a compatible service (https://platform.openai.com/api-keys)",
    },
    {
      name: "OPENAI_BASE_URL",
      required: false,
      secret: false,
      help: "Root of another server that speaks OpenAI chat completions, for example http://127.0.0.1:11434/v1",
    },
  ],
  // A small current model of the list in the SDK's `ChatModel` type.
  defaultModel: "gpt-5.4-mini",

  async connect(settings) {
    const apiKey = readKey(settings);
    const baseURL = readBaseUrl(settings);
    const { OpenAI } = await import("openai");
    const client = new OpenAI({
      // The SDK insists on a key; servers that need none ignore this one.
      apiKey: apiKey ?? "none",
      baseURL,
      // The state machine retries, and only it.
      maxRetries: 0,
      fetch: drainingFetch,
      // Given, so that the SDK does not look for them in the environment.
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      logLevel: "off",
    });
    return connectedModel(client, { usesCacheKey: isOwnHost(baseURL), secrets: apiKey ? [apiKey] : [] });
  },
});

/** `undefined` for a server that needs no key. */
function readKey(settings: Settings): string | undefined {
  const key = settings["OPENAI_API_KEY"]?.trim();
  if (!key && settings["OPENAI_BASE_URL"]) return undefined;
  if (!key)
    throw refused("OpenAI has no key. Set OPENAI_API_KEY, or OPENAI_BASE_URL for a server that needs none.", {
      code: "model.unauthorized",
    });
  // A header with other characters fails in the HTTP client, whose message would quote the key.
  if (!/^[\x21-\x7e]+$/.test(key))
    throw refused("OPENAI_API_KEY holds a space, a line break or a character that no key has. Copy it again.", {
      code: "model.unauthorized",
    });
  return key;
}

function readBaseUrl(settings: Settings): string {
  const baseUrl = settings["OPENAI_BASE_URL"]?.trim() || ownBaseUrl;
  if (!/^https?:/.test(baseUrl) || !URL.canParse(baseUrl))
    throw refused("OPENAI_BASE_URL is not a web address (http://… or https://…).", { code: "model.bad-base-url" });
  return baseUrl;
}

/** `prompt_cache_key` is OpenAI's own; other servers may refuse a field they do not know. */
const isOwnHost = (baseUrl: string): boolean => new URL(baseUrl).hostname === new URL(ownBaseUrl).hostname;

function connectedModel(client: OpenAI, options: { usesCacheKey: boolean; secrets: string[] }): Model {
  return {
    async *complete(request, signal) {
      const context: CallContext = {
        provider: options.usesCacheKey ? "OpenAI" : "The model server at OPENAI_BASE_URL",
        model: request.model,
        access: "OPENAI_API_KEY",
        secrets: options.secrets,
      };
      try {
        const chunks = await client.chat.completions.create(toWireRequest(request, options.usesCacheKey), { signal });
        yield* readReply(chunks, context);
      } catch (error) {
        throw classify(error, context, signal);
      }
    },
  };
}

async function* readReply(
  chunks: AsyncIterable<OpenAI.ChatCompletionChunk>,
  context: CallContext,
): AsyncIterable<ModelEvent> {
  const reply = new OpenAIReply();
  try {
    for await (const chunk of chunks) {
      const delta = reply.add(chunk);
      if (delta) yield { type: "text", delta };
    }
  } catch (error) {
    // Anything but an error that the server put into the stream: a torn connection, or an event that is no JSON.
    throw hasAnswer(error) ? error : streamCut(context, error);
  }
  // The SDK ends an aborted stream quietly too; `classify` then tells it from a cut one.
  const completed = reply.complete();
  if (!completed) throw streamCut(context);
  yield completed;
}

/** The SDK puts the server's own error object into `error`. */
const hasAnswer = (error: unknown): boolean => error instanceof Error && "error" in error && error.error !== undefined;
