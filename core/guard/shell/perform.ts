import { carriedByVariable, carriedTexts, type CarriedText } from "./carriers.ts";
import { changeChoices } from "./choices.ts";
import { globMatches, unescape } from "./expand.ts";
import { isForeignSource, outputOf } from "./output.ts";
import { shellTextsOf } from "./program-code.ts";
import { type Draft, mostCommands, mostDepth, type Outcome, type Session } from "./session.ts";
import { foreignMark, hasFlag, operands, optionValue, type SimpleCommand, unknownMark } from "./simple-command.ts";
import { runners, wrappedWords, wrappers } from "./wrappers.ts";

export const shells = new Set(["sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "rbash", "mksh", "csh", "tcsh"]);
export const interpreters =
  /^(?:i?python[\d.]*|pypy3?|perl|ruby|irb|node|nodejs|tsx|ts-node|bun|deno|php|lua(?:jit|[\d.]+)?|julia|rscript|r|osascript)$/;
const assignment = /^([A-Za-z_]\w*)(\+?)=([\s\S]*)$/;
const declarers = new Set(["export", "declare", "local", "readonly", "typeset"]);
const containerTools = new Set(["docker", "podman", "nerdctl", "kubectl", "oc", "lxc", "vagrant", "docker-compose"]);
/** Their options are too many to know where the program begins. */
const sandboxes = new Set(["bwrap", "firejail", "proot", "systemd-nspawn", "gdb"]);
const longestValue = 10_000;

/** What one program would do to what is known; notes it and every program that it starts. */
export function perform(draft: Draft, incoming: Outcome, session: Session, depth: number): Outcome {
  const words = [...draft.words];
  if (words[0] === "function") words.splice(0, 2);
  if (words[0] === "{") words.shift();
  if (words[0] === "for" || words[0] === "select") {
    loopOver(words, session);
    return { output: undefined, feeders: [] };
  }
  const assignments = takeAssignments(words, session, depth);
  const input = draft.here?.text ?? incoming.output ?? fileInput(draft, session);
  const step: Step = {
    session,
    depth,
    isUnknown: draft.isGuess === true || isUnknownEval(words, { draft, assignments }),
    assignments,
    redirects: draft.redirects,
    feeders: [...incoming.feeders, ...draft.feeders],
    input,
    isElevated: false,
    via: undefined,
    wraps: 0,
  };
  const last = start(words, step);
  return outcomeOf(last, step);
}

/** `for name in values`, or over the arguments. */
function loopOver([, name, word, ...rest]: readonly string[], session: Session): void {
  if (name === undefined) return;
  const values = word === "in" ? rest : (session.environment.get("@") ?? "").split(/\s+/).filter(Boolean);
  setChoices(session, name, values);
}

/** A variable that has one value after another. */
function setChoices(session: Session, name: string, values: readonly string[]): void {
  setVariable(session, name, values.join(" "));
  if (values.length > 1) session.choices.set(name, values);
}

interface Step {
  session: Session;
  depth: number;
  isUnknown: boolean;
  assignments: string[];
  redirects: Draft["redirects"];
  feeders: string[];
  input: string | undefined;
  isElevated: boolean;
  via: "xargs" | "find" | undefined;
  /** How many programs started this one. */
  wraps: number;
}

/** Programs whose output is made to be evaluated. */
const setters =
  /^(?:ssh-agent|direnv|pyenv|rbenv|nodenv|goenv|jenv|nvm|fnm|mise|asdf|brew|conda|mamba|micromamba|dircolors|opam|starship|zoxide|lesspipe|register-python-argcomplete)$/;

/** A text for `eval` that is not known as a whole, unless it is what one of those programs prints and nothing else. */
function isUnknownEval(
  words: readonly string[],
  { draft, assignments }: { draft: Draft; assignments: string[] },
): boolean {
  const [name, ...texts] = words;
  const text = texts.join(" ");
  if (name !== "eval" || !text.includes(unknownMark)) return false;
  const isAlone = text === unknownMark && assignments.length === 0 && draft.redirects.length === 0;
  return !(isAlone && draft.feeders.length > 0 && draft.feeders.every((feeder) => setters.test(feeder)));
}

function outcomeOf(command: SimpleCommand, { session, feeders }: Step): Outcome {
  const output = outputOf(command);
  for (const { operator, target } of command.redirects) {
    if (output !== undefined && operator.includes(">")) session.files.set(withoutDot(target), output);
  }
  return { output, feeders: [...feeders.slice(-50), command.name] };
}

function setVariable(session: Session, name: string, value: string, isAdded = false): void {
  changeChoices(session, name, value);
  const before = isAdded ? (session.environment.get(name) ?? "") : "";
  session.environment.set(name, `${before}${value}`.slice(0, longestValue));
}

function takeAssignments(words: string[], session: Session, depth: number): string[] {
  const taken: string[] = [];
  for (let match = assignment.exec(words[0] ?? ""); match; match = assignment.exec(words[0] ?? "")) {
    setVariable(session, match[1]!, match[3]!, match[2] === "+");
    readTexts(carriedByVariable(match[1]!, match[3]!), session, depth);
    taken.push(words.shift()!);
  }
  return taken;
}

/** A word of another language need not be a text of shell: that it cannot be read says nothing. */
function readTexts(texts: readonly CarriedText[], session: Session, depth: number): void {
  for (const { text, isExtracted } of texts) {
    const before = session.isUnreadable;
    session.read(text, depth + 1);
    if (isExtracted) session.isUnreadable = before || session.remaining < 0;
  }
}

function fileInput(draft: Draft, session: Session): string | undefined {
  const source = draft.redirects.find(({ operator }) => operator === "<")?.target;
  return source === undefined ? undefined : session.files.get(withoutDot(source));
}

const withoutDot = (path: string): string => path.replace(/^\.\//, "");
/** Programs that a path with wildcards may be meant for. */
const hidden = [
  "rm",
  "dd",
  "sh",
  "bash",
  "chmod",
  "chown",
  "curl",
  "wget",
  "reboot",
  "shutdown",
  "halt",
  "poweroff",
  "kill",
];

function baseName(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  if (!/[*?[]/.test(name) || name === "[" || name === "[[") return name;
  return hidden.find((each) => globMatches(name, each)) ?? name;
}

function commandOf(words: readonly string[], step: Step): SimpleCommand {
  const [path = "", ...rest] = words;
  const { session, input, via } = step;
  const name = baseName(path).replace(/\.exe$/, "");
  const script =
    shells.has(name) || name === "." || name === "source" ? rest.find((word) => !word.startsWith("-")) : path;
  return {
    name,
    path,
    arguments: rest,
    redirects: step.redirects,
    assignments: step.assignments,
    isElevated: step.isElevated,
    feeders: step.feeders,
    isUnknown: step.isUnknown,
    isFresh: script !== undefined && session.fresh.has(withoutDot(script)),
    ...(via && { via }),
    ...(input !== undefined && { input }),
    ...(session.folder !== undefined && { folder: session.folder }),
  };
}

/** Notes the program; returns the innermost one, whose output it is. */
function start(words: readonly string[], step: Step): SimpleCommand {
  const command = commandOf(words, step);
  if (step.wraps > mostDepth || step.session.commands.length >= mostCommands) {
    step.session.isUnreadable = true;
    return command;
  }
  step.session.commands.push(command);
  readTexts(carriedTexts(command), step.session, step.depth);
  const inner = { ...step, wraps: step.wraps + 1 };
  const wrapper = wrappers[command.name];
  if (wrapper) return startWrapped(command, wrappedWords(words, wrapper), inner);
  const second = operands(command)[0] ?? "";
  const runner = runners[command.name];
  if (runner?.verbs?.includes(second))
    return startWrapped(command, wrappedWords(words.slice(words.indexOf(second)), runner), inner);
  nested(command, inner);
  return command;
}

function startWrapped(command: SimpleCommand, words: string[], step: Step): SimpleCommand {
  const isElevating = command.name === "sudo" || command.name === "doas";
  const given = command.name === "env" || isElevating ? command.arguments.filter((word) => assignment.test(word)) : [];
  takeAssignments([...given], step.session, step.depth);
  const rest = words[0] === "--" ? words.slice(1) : words;
  if (rest.length === 0) return command;
  return start(rest, {
    ...step,
    isElevated: step.isElevated || isElevating,
    assignments: [...step.assignments, ...given].slice(0, 50),
  });
}

/** Everything else that a program runs, or remembers, of its arguments. */
function nested(command: SimpleCommand, step: Step): void {
  const { name } = command;
  if (shells.has(name)) return shell(command, step);
  if (interpreters.test(name) || /^[gmn]?awk$/.test(name)) return program(command, step);
  if (name === "find" || name === "fd") return find(command, step);
  if (name === "xargs" || name === "parallel") return xargs(command, step);
  if (declarers.has(name)) {
    takeAssignments(
      command.arguments.filter((word) => assignment.test(word)),
      step.session,
      step.depth,
    );
    return;
  }
  if (name === "cd" || name === "pushd") step.session.folder = operands(command)[0] ?? "~";
  else if (name === "chmod" && /^(?:[ugoa]*\+[rw]*x|0?[1357]\d\d|7\d\d)/.test(operands(command)[0] ?? "")) {
    for (const file of operands(command).slice(1)) step.session.fresh.add(withoutDot(file));
  } else texts(command, step);
}

function texts(command: SimpleCommand, step: Step): void {
  const { name } = command;
  const read = (text: string | undefined) => {
    if (text !== undefined && !text.startsWith(foreignMark)) step.session.read(text, step.depth + 1);
  };
  // What is not known of it is judged by that alone.
  if (name === "eval") read(command.arguments.join(" ").replaceAll(unknownMark, "unknown"));
  else if (name === "trap") read(operands(command)[0]);
  else if (name === "alias") {
    // It may be used by a later command, with arguments that are not seen here.
    for (const word of command.arguments) {
      const body = /^[^=]+=([\s\S]*)$/.exec(word)?.[1];
      if (body?.trim()) read(`${body} ${unknownMark}`);
    }
  } else if (name === "read" || name === "mapfile" || name === "readarray") {
    readInto(command, step.session);
  } else if (name === "set") {
    setArguments(command, step.session);
  } else if (name === "printf" && optionValue(command, "-v") !== undefined) {
    setVariable(step.session, optionValue(command, "-v") ?? "", unknownMark);
  } else if (name === "source" || name === ".") read(step.session.files.get(withoutDot(operands(command)[0] ?? "")));
  else if (name === "cmd" || name === "powershell" || name === "pwsh") read(windowsPayload(command));
  else if (containerTools.has(name) || sandboxes.has(name)) contained(command, step);
}

/** What `read` and `mapfile` take from their input: a line after the other, where it is known. */
function readInto(command: SimpleCommand, session: Session): void {
  const lines = command.input?.includes(unknownMark) ? [] : (command.input ?? "").split("\n").filter(Boolean);
  for (const word of operands(command)) {
    if (lines.length > 0) setChoices(session, word, lines);
    else setVariable(session, word, unknownMark);
  }
}

/** `set -- words`. */
function setArguments({ arguments: words }: SimpleCommand, session: Session): void {
  if (words[0] !== "--") return;
  for (const [index, word] of words.slice(1, 20).entries()) setVariable(session, String(index + 1), word);
  setVariable(session, "@", words.slice(1, 50).join(" "));
}

const windowsPayload = (command: SimpleCommand): string | undefined => {
  const at = command.arguments.findIndex((word) => /^(?:\/c|\/k|-c|-command)$/i.test(word));
  return at < 0
    ? undefined
    : command.arguments
        .slice(at + 1)
        .join(" ")
        .replaceAll("\\", "/");
};

/** The shell that a container tool starts, and what it is told. */
function contained(command: SimpleCommand, step: Step): void {
  const at = command.arguments.findIndex((word) => shells.has(baseName(word)) || word === "rm");
  if (at > 0 || (at === 0 && sandboxes.has(command.name))) start(command.arguments.slice(at), step);
}

/** The argument of `-c`, alone or at the end of a group of letters, and what follows it. */
function shellPayload(command: SimpleCommand): { text: string; rest: readonly string[] } | undefined {
  const at = command.arguments.findIndex((word) => /^-[A-Za-z]*c[A-Za-z]*$/.test(word) || word === "--command");
  if (at < 0) return undefined;
  const words = command.arguments.slice(at + 1);
  const index = words.findIndex((word) => !/^[-+][A-Za-z]/.test(word));
  return index < 0 ? undefined : { text: words[index]!, rest: words.slice(index + 1) };
}

/** The file that a shell is told to run; without one it reads its input. */
export const scriptOf = (command: SimpleCommand): string | undefined =>
  hasFlag(command, "s") ? undefined : operands(command).find((word) => word !== "-" && word !== "/dev/stdin");

function shell(command: SimpleCommand, step: Step): void {
  const payload = shellPayload(command);
  const { session, depth } = step;
  if (payload) {
    for (const [index, word] of payload.rest.slice(0, 20).entries()) setVariable(session, String(index), word);
    setVariable(session, "@", payload.rest.slice(1, 50).join(" "));
    if (!payload.text.startsWith(foreignMark)) session.read(payload.text, depth + 1);
    return;
  }
  const script = scriptOf(command);
  const text = script === undefined ? command.input : session.files.get(withoutDot(script));
  if (text !== undefined && !text.includes(foreignMark)) session.read(text, depth + 1);
}

const codeOptions = /^(?:-[a-zA-Z]*[ceEr]|--eval|--print|-p|--execute|--run)$/;

function program(command: SimpleCommand, step: Step): void {
  const at = command.arguments.findIndex((word) => codeOptions.test(word));
  const isAwk = command.name.endsWith("awk");
  const first = operands(command)[0];
  const isFromInput = first === undefined || first === "-";
  const code = isAwk ? first : at >= 0 ? command.arguments[at + 1] : isFromInput ? command.input : undefined;
  if (code === undefined || code.includes(foreignMark)) return;
  const { texts, isHidden } = shellTextsOf(code, isAwk);
  const { session } = step;
  // A word of another language need not be a text of shell.
  const before = session.isUnreadable;
  for (const text of texts) session.read(unescape(text), step.depth + 1);
  session.isUnreadable = before || isHidden || session.remaining < 0;
}

function find(command: SimpleCommand, step: Step): void {
  const words = command.arguments;
  const end = words.findIndex((word) => /^[-(!]/.test(word) && !/^-[HLP]$/.test(word));
  const paths = (end < 0 ? words : words.slice(0, end)).filter((word) => !word.startsWith("-")).slice(0, 8);
  const starts = paths.length > 0 && step.via !== "find" ? paths : [paths[0] ?? "."];
  for (let at = 0; at < words.length; at++) {
    if (!isExec(words[at]!)) continue;
    let stop = at + 1;
    while (stop < words.length && words[stop] !== ";" && words[stop] !== "+" && !isExec(words[stop]!)) stop += 1;
    const inner = words.slice(at + 1, stop);
    for (const path of starts)
      start(
        inner.map((each) => each.replaceAll("{}", path)),
        { ...step, via: "find" },
      );
    at = stop - 1;
  }
}

const isExec = (word: string): boolean => /^-(?:exec|execdir|ok|okdir|x|X)$/.test(word);

function xargs(command: SimpleCommand, step: Step): void {
  const { words, items, placeholder } = listed(command, step);
  if (words.length === 0 && command.name === "xargs") return;
  const isFilled = placeholder !== undefined && words.some((word) => word.includes(placeholder));
  const filled = isFilled
    ? words.flatMap((word) => (word === placeholder ? items : [word.replaceAll(placeholder, items[0] ?? unknownMark)]))
    : [...words, ...items];
  // GNU parallel hands one word to a shell, and each item when it has no word of its own.
  const isText = command.name === "parallel" && words.length < 2;
  if (!isText) return void start(filled, { ...step, via: "xargs" });
  const template = words[0] ?? "{}";
  for (const item of items)
    step.session.read(
      template.includes("{}") ? template.replaceAll("{}", item) : `${template} ${item}`,
      step.depth + 1,
    );
}

/** What xargs or parallel starts, and what it hands over. */
function listed(command: SimpleCommand, step: Step): { words: string[]; items: string[]; placeholder?: string } {
  const all = wrappedWords([command.name, ...command.arguments], {
    letters: "IinLPdsEaj",
    longNames: ["replace", "max-args", "delimiter", "max-procs", "arg-file", "jobs"],
  });
  const isParallel = command.name === "parallel";
  const end = isParallel ? all.findIndex((word) => /^:::\+?$/.test(word)) : -1;
  const words = end < 0 ? all : all.slice(0, end);
  const given = [...step.feeders].some((name) => isForeignSource(name)) ? foreignMark : unknownMark;
  const separator = isParallel && words.length === 0 ? "\n" : /\s+/;
  const input = (step.input ?? given).split(separator).filter(Boolean);
  const placeholder = optionValue(command, "-I", "--replace") ?? (isParallel ? "{}" : attached(command));
  const items = (end < 0 ? input : all.slice(end + 1)).slice(0, 200);
  return placeholder === undefined ? { words, items } : { words, items, placeholder };
}

const attached = (command: SimpleCommand): string | undefined =>
  command.arguments.find((word) => /^-[Ii]./.test(word))?.slice(2);
