import { characters, unescape } from "./expand.ts";
import { foreignMark, operands, type SimpleCommand, unknownMark } from "./simple-command.ts";

const fetchers = new Set(["curl", "wget", "http", "https", "aria2c", "fetch", "nc", "ncat", "socat", "lynx", "ftp"]);
const decoders = new Set([
  "base64",
  "base32",
  "xxd",
  "uudecode",
  "openssl",
  "gunzip",
  "zcat",
  "gzip",
  "bunzip2",
  "xzcat",
]);
const filters = new Set([
  "tr",
  "rev",
  "sed",
  "awk",
  "cut",
  "tac",
  "head",
  "tail",
  "grep",
  "tee",
  "jq",
  "perl",
  "python3",
]);

/** Whether what comes out of it is written by strangers, or in a code. */
export const isForeignSource = (name: string): boolean => fetchers.has(name) || decoders.has(name);

/** What a command prints, where that follows from its text alone. `undefined`: nobody knows. */
export function outputOf(command: SimpleCommand): string | undefined {
  const { name, input } = command;
  if (name === "echo") return echo(command.arguments);
  if (name === "printf") return printf(command.arguments);
  if (name === "cat" && operands(command).every((word) => word === "-")) return input;
  if (name === "tee") return input;
  if (name === "which") return operands(command)[0];
  if (name === "find") return found(command);
  if (input === undefined) return isForeignSource(name) ? foreignMark : undefined;
  if (input.includes(foreignMark) && (filters.has(name) || decoders.has(name))) return foreignMark;
  return decode(command, input) ?? (isForeignSource(name) ? foreignMark : undefined);
}

/** Without a condition, find prints where it starts before all else. */
const found = (command: SimpleCommand): string | undefined =>
  command.arguments.some((word) =>
    /^-i?(?:name|path|regex|wholename|user|size|empty|newer|[acm]time|[acm]min)$/.test(word),
  )
    ? undefined
    : command.arguments.find((word) => !word.startsWith("-"));

function echo(words: readonly string[]): string {
  const options = words.findIndex((word) => !/^-[neE]+$/.test(word));
  const flags = words.slice(0, options < 0 ? words.length : options).join("");
  const text = words.slice(options < 0 ? words.length : options).join(" ");
  return flags.includes("e") ? unescape(text) : text;
}

function printf(words: readonly string[]): string {
  const [format = "", ...values] = words[0] === "--" ? words.slice(1) : words;
  let next = 0;
  const once = () =>
    unescape(format).replace(/%(?:%|-?\d*\.?\d*([sbdiuqc]))/g, (_, kind?: string) => {
      if (kind === undefined) return "%";
      const value = values[next++] ?? "";
      return kind === "b" ? unescape(value) : value;
    });
  const first = once();
  // The format is used again until no value is left.
  const rounds = next === 0 ? 0 : Math.min(100, Math.ceil(values.length / next) - 1);
  return first + Array.from({ length: rounds }, once).join("");
}

function decode(command: SimpleCommand, input: string): string | undefined {
  if (input.includes(unknownMark)) return undefined;
  const words = command.arguments;
  const isDecoding = words.some((word) => /^-{1,2}(?:d|D|di|id|decode)$/.test(word));
  switch (command.name) {
    case "base64":
      return isDecoding ? fromBase64(input) : Buffer.from(input).toString("base64");
    case "openssl":
      return isDecoding && words.some((word) => /base64|^-a$/.test(word)) ? fromBase64(input) : undefined;
    case "xxd":
      return words.some((word) => /^-[rp]*r/.test(word))
        ? Buffer.from(input.replace(/\s/g, ""), "hex").toString()
        : undefined;
    case "rev":
      return input
        .split("\n")
        .map((line) => Array.from(line).toReversed().join(""))
        .join("\n");
    case "tr":
      return translate(operands(command), input, words);
    default:
      return undefined;
  }
}

const fromBase64 = (text: string): string => Buffer.from(text.replace(/\s/g, ""), "base64").toString();

const classes: Readonly<Record<string, string>> = { "[:upper:]": "A-Z", "[:lower:]": "a-z", "[:space:]": " \n\t" };

function translate([from = "", to = ""]: string[], input: string, words: readonly string[]): string {
  const source = listed(from);
  if (words.includes("-d"))
    return Array.from(input)
      .filter((character) => !source.includes(character))
      .join("");
  const target = listed(to);
  const table = new Map(source.map((character, index) => [character, target[index] ?? target.at(-1) ?? ""]));
  return Array.from(input)
    .map((character) => table.get(character) ?? character)
    .join("");
}

/** In order and with repetitions, which a set does not keep: `n-za-m`. */
function listed(text: string): string[] {
  const plain = unescape(text).replace(/\[:\w+:\]/g, (name) => classes[name] ?? name);
  return (plain.match(/[\s\S]-[\s\S]|[\s\S]/g) ?? []).flatMap((part) =>
    part.length === 3 ? [...characters(part)] : [part],
  );
}
