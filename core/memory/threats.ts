/**
 * What must not get into a text that later becomes part of the system prompt. The strict set: it may refuse a harmless
 * sentence, which the model can then say differently; it guards notes of some hundred characters, not documents.
 */
interface ThreatRule {
  /** Completes "looks like …". */
  name: string;
  pattern: RegExp;
}

const secretName = "(KEY|TOKEN|SECRET|PASSW(OR)?D|CREDENTIAL)";

const rules: readonly ThreatRule[] = [
  {
    name: "an order to ignore instructions",
    pattern:
      /\b(ignore|disregard|forget|override)\b.{0,40}\b(previous|prior|above|earlier|all|your|system)\b.{0,40}\b(instructions?|rules?|prompts?|guidelines?)\b/is,
  },
  {
    name: "a new role for you",
    pattern: /\b(you are (now|no longer)|from now on,? you (are|will|must)|act as if you)\b/i,
  },
  {
    name: "a replaced system prompt",
    pattern: /\b(new|updated|real|actual) (system )?(prompt|instructions?)(\s*:| are\b| is\b)/i,
  },
  {
    name: "an order to deceive the user",
    pattern:
      /\b(do not|don't|never|without)\b.{0,15}\b(tell|telling|inform|informing|alert|notify)(ing)?\b.{0,15}\b(the )?(user|person|owner|human)\b/is,
  },
  {
    name: "a forged message role",
    pattern:
      /<\/?(system|assistant|developer|tool_call)>|\[\/?INST\]|<\|im_(start|end)\|>|^\s*(system|assistant)\s*:/im,
  },
  {
    name: "a jailbreak",
    pattern: /\b(jailbreak\w*|DAN mode|developer mode (on|enabled)|no (longer )?(restrictions|guardrails|filters))\b/i,
  },
  {
    name: "switching off a safeguard",
    pattern:
      /\b(bypass|disable|circumvent|turn off)\b.{0,30}\b(safety|guardrails?|restrictions?|approvals?|filters?|sandbox)\b/is,
  },
  {
    name: "sending a secret away",
    pattern: new RegExp(String.raw`\b(curl|wget|nc|fetch|http)\b[^\n]{0,200}\$\{?\w*${secretName}`, "i"),
  },
  {
    name: "reading credentials",
    pattern:
      /\b(cat|less|head|tail|base64|cp|scp|tar)\b[^\n]{0,80}(\.env\b|\.ssh\b|\.aws\b|\.netrc\b|\.pgpass\b|id_(rsa|ed25519)\b|\/etc\/shadow)/i,
  },
  {
    name: "sending conversations away",
    pattern:
      /\b(send|post|forward|upload|copy|exfiltrate)\b.{0,60}\b(conversations?|chats?|messages?|secrets?|keys?|tokens?|memory|passwords?)\b.{0,60}(https?:|\bto \S+@)/is,
  },
  { name: "a back door for SSH", pattern: /\bauthorized_keys\b/i },
  { name: "a program from the network", pattern: /\b(curl|wget)\b[^\n]{0,200}\|\s*(sudo\s+)?(ba|z|da)?sh\b/i },
  {
    name: "a hidden program",
    pattern: /\bbase64\b.{0,20}(-d|--decode)\b.{0,80}\|\s*(ba|z|da)?sh\b|\beval\s*\(\s*(atob|base64)/is,
  },
  { name: "an image that carries data away", pattern: /!\[[^\]]*\]\(\s*https?:[^)]*[?&][^)=]*=/i },
];

/** Zero-width and direction characters, and the tag block, in which text can be hidden. */
const invisible = /[\u200B-\u200D\u2060\u2062-\u2064\uFEFF\u202A-\u202E\u2066-\u2069]|[\u{E0000}-\u{E007F}]/u;
/** Joiners are part of emoji and of some scripts: between two characters beyond ASCII they are meant. */
const legitimateJoiner = /(?<=[^\0-\x7F])[\u200C\u200D](?=[^\0-\x7F])/gu;

const maxScannedChars = 65_536;

/** What the text looks like, in words that complete "looks like …"; `undefined` when it is harmless. */
export function threatIn(text: string): string | undefined {
  const scanned = text.slice(0, maxScannedChars);
  if (invisible.test(scanned.replaceAll(legitimateJoiner, ""))) return "text with invisible characters";
  const normal = scanned.normalize("NFKC");
  return rules.find(({ pattern }) => pattern.test(normal))?.name;
}
