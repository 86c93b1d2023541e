import { type ErrorKind, messageOf, TalariaError } from "../base/errors.ts";
import { readFailure, type Failure } from "./failure.ts";

/** Who was asked, for the sentence that the person reads. */
export interface CallContext {
  /** The provider as a person knows it: "OpenAI", "Amazon Bedrock". */
  provider: string;
  model: string;
  /** What to check when access is refused, as the object of "check": "OPENAI_API_KEY", "the role's permission …". */
  access: string;
  /** Values that must never show, wherever they turn up. */
  secrets: readonly string[];
}

interface Rule {
  code: string;
  kind: ErrorKind;
  matches: (failure: Failure) => boolean;
  message: (context: CallContext, failure: Failure, sentence: string) => string;
}

/** Wordings of "the prompt is too long": OpenAI, Anthropic, Bedrock, vLLM, llama.cpp, Gemini, Groq, Mistral, Ollama. */
const overflowWords =
  /context_length_exceeded|context.?(length|window|size)|maximum context|prompt is too long|input is too long|too many input tokens|input token count|request too large|request_too_large|reduce the length|exceeds? context|too large for model/;

/** Money or a plan's limit is spent: waiting a minute does not help. */
const quotaWords =
  /insufficient_quota|billing_hard_limit|billing_not_active|credit balance|insufficient (credits|balance|funds)|(tokens|requests) per day|servicequotaexceeded/;

const certificateWords =
  /self.signed|unable_to_verify_leaf|unable_to_get_issuer|cert_(has_expired|not_yet_valid|untrusted|revoked|signature)|err_tls_cert|certificate has expired|err_ssl_wrong_version/;

const credentialWords =
  /credentialsprovidererror|could not load credentials|unrecognizedclient|expiredtoken|invalidsignature|tokenprovidererror|accessdenied|invalid_api_key|authentication_error|invalid.api.key/;

const missingModelWords =
  /model_not_found|model identifier is invalid|does not exist or you do not have access|on-demand throughput|reached the end of its life|model .{0,80}not found|not a valid model/;

const filteredWords = /content_filter|content_policy|content management policy|responsibleaipolicy/;

const rateWords = /throttling|rate_limit|too many requests|toomanyrequests|modelnotready/;

const overloadWords =
  /overloaded|serviceunavailable|internalserver|server_error|modelstreamerror|modeltimeout|modelerror/;

const said = (sentence: string) => (sentence ? ` It said: ${sentence}` : "");

/** The first rule that matches decides; order matters where a status is ambiguous (quota before rate limit). */
const rules: readonly Rule[] = [
  {
    code: "model.certificate",
    kind: "refused",
    matches: ({ status, words }) => status === undefined && certificateWords.test(words),
    message: ({ provider }) =>
      `The TLS certificate of ${provider} was not accepted. If a proxy or a server of your own answers there, put its certificate authority into NODE_EXTRA_CA_CERTS, and check that the base URL names the right host and scheme.`,
  },
  {
    code: "model.quota",
    kind: "refused",
    matches: ({ status, words }) => status === 402 || quotaWords.test(words),
    message: ({ provider }, _failure, sentence) =>
      `The account at ${provider} has no quota or credit left. Add credit or raise the limit there, or choose another model with TALARIA_MODEL.${said(sentence)}`,
  },
  {
    code: "model.context-overflow",
    kind: "refused",
    matches: ({ status, words }) => status === 413 || overflowWords.test(words),
    message: ({ model }) =>
      `The conversation has grown too long for ${model}. Start a new one with /new, or choose a model with a larger window.`,
  },
  {
    code: "model.not-found",
    kind: "refused",
    matches: ({ status, words }) => status === 404 || missingModelWords.test(words),
    message: ({ provider, model }, _failure, sentence) =>
      `${provider} has no model "${model}" for this account. Check TALARIA_MODEL${/model/i.test(sentence) ? "" : " and the server's address"}.${said(sentence)}`,
  },
  {
    code: "model.unauthorized",
    kind: "refused",
    matches: ({ status, words }) => status === 401 || status === 403 || (status !== 429 && credentialWords.test(words)),
    message: ({ provider, access }) => `${provider} refused access. Check ${access}.`,
  },
  {
    code: "model.content-filtered",
    kind: "refused",
    matches: ({ status, words }) => status !== 429 && filteredWords.test(words),
    message: ({ provider }) =>
      `${provider} declined this request under its content rules. Asking for the same again will not help; put it another way.`,
  },
  {
    code: "model.rate-limited",
    kind: "retryable",
    matches: ({ status, words }) =>
      (status === 429 && !overloadWords.test(words)) || (status === undefined && rateWords.test(words)),
    message: ({ provider }) => `${provider} asks us to slow down.`,
  },
  {
    code: "model.overloaded",
    kind: "retryable",
    matches: ({ status = 0, words }) =>
      [408, 409, 424, 425, 429].includes(status) || status >= 500 || (status === 0 && overloadWords.test(words)),
    message: ({ provider }, { status }) =>
      `${provider} is overloaded or has a fault of its own${status ? ` (${status})` : ""}.`,
  },
  {
    code: "model.bad-request",
    kind: "refused",
    matches: ({ status, words }) => status !== undefined || /validationexception|invalid_request_error/.test(words),
    message: ({ provider, model }, { status }, sentence) =>
      `${provider} did not accept the request to ${model}${status ? ` (${status})` : ""}.${said(sentence)}`,
  },
];

/** An error without a status and without known words: the network, or a stream that broke off inside an event. */
const unreachable = (context: CallContext) => `${context.provider} could not be reached, or the connection broke.`;

/**
 * The error that a failed model call ends in. An abort passes as the signal's own reason; what is classified already
 * stays as it is.
 */
export function classify(thrown: unknown, context: CallContext, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (thrown instanceof TalariaError) return thrown;
  const failure = readFailure(thrown);
  const rule = rules.find(({ matches }) => matches(failure));
  // The original may carry headers and bodies; only its masked text is kept.
  const cause = new Error(maskSecrets(messageOf(thrown), context.secrets));
  const details = { cause, retryAfterMs: failure.retryAfterMs };
  if (!rule) return new TalariaError("retryable", unreachable(context), { ...details, code: "model.unreachable" });
  const sentence = shorten(maskSecrets(failure.sentence, context.secrets));
  return new TalariaError(rule.kind, rule.message(context, failure, sentence), { ...details, code: rule.code });
}

/** A stream that ended without its closing event: what came so far is not a reply. */
export const streamCut = (context: CallContext, cause?: unknown): TalariaError =>
  new TalariaError("retryable", `The answer of ${context.provider} broke off before its end.`, {
    code: "model.stream-cut",
    ...(cause !== undefined && { cause: new Error(maskSecrets(messageOf(cause), context.secrets)) }),
  });

const maxSentenceLength = 300;

const shorten = (sentence: string): string => {
  const oneLine = sentence.replaceAll(/\s+/g, " ").trim();
  return oneLine.length > maxSentenceLength ? `${oneLine.slice(0, maxSentenceLength)}…` : oneLine;
};

/** Known values, and whatever looks like a key or a bearer token even though we do not know it. */
function maskSecrets(text: string, secrets: readonly string[]): string {
  const known = secrets
    .filter((secret) => secret.length > 3)
    .reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
  return known.replaceAll(/\b(?:sk|rk|pk|key)[-_][\w*-]{12,}|\bA[KS]IA\w{12,}|(?<=bearer )\S+/gi, "***");
}
