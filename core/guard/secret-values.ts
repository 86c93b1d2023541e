/** Which names hold a secret, and whether what follows them is one: source code is full of the names alone. */

const secretName =
  /(?:api_?key|access_?key|secret_?key|private_?key|account_?key|auth_?key|encryption_?key|signing_?key|token|secret|password|passwd|passphrase|passcode|pwd|_pass|credentials?|authorization)$/;
/** Tokens that page through a list, or count: no secrets. */
const harmlessName =
  /(?:next|page|continuation|sync|cancellation|cancel|max|stop|pad|bos|eos|unk|mask|sep|cls|special|start|end)_?token$/;

/** Whether a name as it stands in front of `=` or `:` says that its value is secret. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll(/[-.]/g, "_");
  return secretName.test(words) && !harmlessName.test(words);
}

const placeholders =
  /^(?:true|false|null|none|nil|undefined|string|number|boolean|bool|str|int|any|object|required|optional|same-origin|include|omit|empty|redacted|hidden|secret|password|token|bearer|basic|x+|\*+|\.+|changeme|your[\w-]*|my[_-][\w-]*|.*[_-]here)$/i;

/**
 * A value that stands for another one, or for none: a variable, a call, a template, a path through an object, a
 * placeholder of a manual. Nothing of these is a secret.
 */
export function isReference(value: string): boolean {
  if (/^[$%]|^\{\{|^<|^\[|^@|^!|\$\{|\$\(|[`(){}]|^urn:|^[~^]?\d+\.\d+/.test(value)) return true;
  if (/^(?:process|os|env|import|self|this|config|settings|options|secrets|vars|ctx|context)\.[\w.]/.test(value))
    return true;
  return placeholders.test(value);
}

const algorithm = /^(?:sha|md|base|utf|rsa|aes|ed|hs|rs|es|uint|int|float|oauth|http|v|x)[_-]?\d+/i;

/** Letters and digits mixed, and not the name of an algorithm. */
export const looksMixed = (value: string, minLength: number): boolean =>
  value.length >= minLength && /[A-Za-z]/.test(value) && /\d/.test(value) && !algorithm.test(value);

/** Mixed as no name in source code is: with digits in one place only, it may be the name of a type or a variable. */
export const looksRandom = (value: string, minLength: number): boolean =>
  looksMixed(value, minLength) && !/[\\/]{2}|^0x|^[A-Za-z_.]+\d+[A-Za-z_.]*$/.test(value);

const maskMark = "…";
const shortestShown = 18;

/** Short secrets vanish; of a long one the first 6 and the last 4 characters stay, to tell one from another. */
export function mask(secret: string): string {
  if (isMasked(secret)) return secret;
  if (secret.length < shortestShown) return "***";
  return `${secret.slice(0, 6)}${maskMark}${secret.slice(-4)}`;
}

export const isMasked = (value: string): boolean =>
  value === "***" || (value.length === 11 && value[6] === maskMark && !value.slice(7).includes(maskMark));
