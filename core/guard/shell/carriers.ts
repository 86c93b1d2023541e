import { shellTextsOf } from "./program-code.ts";
import { shellTextsOfSed } from "./sed.ts";
import { foreignMark, type SimpleCommand, unknownMark } from "./simple-command.ts";
import { sshOptions, type Wrapper, wrappedWords } from "./wrappers.ts";

/** One place where a program takes a text that it hands to a shell. */
interface Carrier {
  /** Words that come first, each of them one of several: `["submodule", "foreach"]`, `["fetch|pull"]`. */
  after?: readonly string[];
  /** Options whose value it is; of one letter also in a group and attached. */
  options?: readonly string[];
  /** What is left after the program's own options, joined. */
  rest?: Wrapper;
  /** What is left, as a program with its arguments. */
  program?: Wrapper;
  /** What is left, where each word is a text of its own: one without a blank is none. */
  each?: Wrapper;
  /** The first word that is left. */
  first?: Wrapper;
  /** Every word there is. */
  words?: true;
  /** What it reads. */
  input?: true;
  /** How a text of shell stands in that, where it is written in the program's own language. */
  within?: (text: string) => string[];
}

/** A text of shell. `isExtracted`: cut out of another language, where an open quotation mark says nothing. */
export interface CarriedText {
  text: string;
  isExtracted: boolean;
}

const groups = (pattern: RegExp) => (text: string) =>
  Array.from(text.matchAll(pattern), (match) => match.slice(1).find((group) => group !== undefined) ?? "");

const bang = groups(/(?:^|[\s:|%.,$\d])!([^\n]*)/gm);
const editorCode = (text: string): string[] => [...bang(text), ...shellTextsOf(text).texts];
const tclCode = groups(/\b(?:exec|spawn|system)\s+([^\n\]]*)/g);
const withoutPipe = (text: string): string[] => [text.replace(/^[|!-]+/, "")];
const substitutions = groups(/\$\(([^()]*)\)|`([^`]*)`/g);
const times = groups(/^[ \t]*(?:@\w+|(?:\S+[ \t]+){5})[ \t]*([^\n]*)/gm);
/** `ext::program argument`, where `% ` is a blank within an argument. */
const remoteHelper = (text: string): string[] =>
  groups(/^ext::(.*)/gs)(text).map((each) =>
    each.replace(/(?:[^\s%]|% ?)+/g, (word) => quotedWord(word.replaceAll("% ", " "))),
  );
const quotedWord = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const gitPrograms =
  /^(?:core\.(?:pager|editor|sshcommand|fsmonitor|askpass|gitproxy)|pager\.[\w-]+|sequence\.editor|diff\.external|diff\.[^=]+\.(?:command|textconv)|(?:diff|merge)tool\.[^=]+\.cmd|merge\.[^=]+\.driver|filter\.[^=]+\.(?:clean|smudge|process)|gpg\.(?:\w+\.)?program|credential\.(?:[^=]+\.)?helper|interactive\.difffilter|(?:browser|man)\.[^=]+\.cmd|trailer\.[^=]+\.(?:command|cmd)|uploadpack\.packobjectshook|remote\.[^=]+\.(?:uploadpack|receivepack)|submodule\.[^=]+\.update)$/i;

/** A setting of git or Mercurial that names a program; an alias is a command of its own, or with `!` a text of shell. */
function setting(text: string): string[] {
  const at = text.indexOf("=");
  if (at < 0) return [];
  const [key, value] = [text.slice(0, at), text.slice(at + 1)];
  if (/^(?:alias\.|hooks\.)/i.test(key)) return [value.startsWith("!") ? value.slice(1) : `git ${value}`];
  return gitPrograms.test(key) ? [value.replace(/^!/, "")] : [];
}

/** `git config key value`: the two words are one setting. */
const configured = (text: string): string[] => setting(text.replace(/^(\S+)\s+/, "$1="));

const none: Wrapper = {};
const letters = (text: string): Wrapper => ({ letters: text });

/** What every program has that is started with these. */
const byProgram = new Map<string, readonly Carrier[]>(
  Object.entries({
    watch: [{ rest: { letters: "nq", longNames: ["interval", "equexit"] } }],
    ssh: [{ rest: { ...sshOptions, own: 1 } }, { options: ["-o"], within: groups(/^\s*\w*command[=\s]\s*(.*)/gis) }],
    ...same("scp sftp", [{ options: ["-S"] }, { options: ["-o"], within: groups(/^\s*\w*command[=\s]\s*(.*)/gis) }]),
    rsync: [{ options: ["-e", "--rsh", "--rsync-path"] }],
    ...same("su runuser script flock capsh", [{ options: ["-c", "--command"] }]),
    sg: [{ options: ["-c"] }, { each: none }],
    env: [{ options: ["-S", "--split-string"] }],
    ...same("at batch", [{ input: true }]),
    crontab: [{ input: true, within: times }],
    git: [
      { options: ["-c", "--config"], within: setting },
      { after: ["config"], rest: { letters: "f", longNames: ["file", "blob", "type"] }, within: configured },
      { after: ["submodule", "foreach"], rest: none },
      { after: ["bisect", "run"], program: none },
      { after: ["rebase"], options: ["-x", "--exec"] },
      { after: ["difftool"], options: ["-x", "--extcmd"] },
      { after: ["grep"], options: ["-O", "--open-files-in-pager"] },
      {
        after: ["filter-branch"],
        options: ["tree", "index", "env", "msg", "commit", "parent", "tag-name"].map((name) => `--${name}-filter`),
      },
      { after: ["clone"], options: ["-u"] },
      {
        after: ["clone|fetch|pull|push|ls-remote|archive|send-pack|fetch-pack"],
        options: ["--upload-pack", "--receive-pack", "--exec"],
      },
      { after: ["clone|fetch|pull|push|ls-remote|remote|submodule"], words: true, within: remoteHelper },
    ],
    hg: [{ options: ["--config"], within: setting }, { options: ["-e", "--ssh"] }],
    tar: [
      { options: ["--checkpoint-action"], within: groups(/^exec=(.*)/gs) },
      {
        options: ["-I", "-F", "--to-command", "--use-compress-program", "--info-script", "--new-volume-script"].concat(
          "--rsh-command",
          "--rmt-command",
        ),
      },
    ],
    ...same("sed gsed", [
      { options: ["-e", "--expression"], within: shellTextsOfSed },
      { first: letters("f"), within: shellTextsOfSed },
    ]),
    ...same("vim vi nvim gvim view ex vimdiff", [
      { options: ["-c", "--cmd", "+"], within: editorCode },
      { input: true, within: editorCode },
    ]),
    ...same("ed red", [{ input: true, within: bang }]),
    ...same("less more most", [{ options: ["+"], within: bang }]),
    emacs: [{ options: ["--eval", "--execute"], within: (text) => shellTextsOf(`system(${text})`).texts }],
    man: [{ options: ["-P", "--pager"] }],
    gdb: [{ options: ["-ex", "-iex", "--eval-command"], within: groups(/^\s*(?:shell\s|!)\s*(.*)/gs) }],
    ...same("make gmake", [
      { options: ["--eval", "-E"], within: groups(/(?:^|[;\n])[\t ]*([^;\n]*)/g) },
      { words: true, within: groups(/^SHELL=(.*)/gs) },
    ]),
    ...same("expect tclsh", [
      { options: ["-c"], within: tclCode },
      { input: true, within: tclCode },
    ]),
    osascript: [{ options: ["-e"], within: groups(/do shell script "([^"]*)"/g) }],
    zip: [{ options: ["-TT", "--unzip-command"] }],
    sort: [{ options: ["--compress-program"] }],
    split: [{ options: ["--filter"] }],
    tcpdump: [{ options: ["-z"] }],
    wget: [{ options: ["--use-askpass"] }],
    ...same("gcc g++ cc clang", [{ options: ["-wrapper"], within: (text) => [text.replaceAll(",", " ")] }]),
    ...same("nc ncat netcat", [{ options: ["-e", "-c", "--exec", "--sh-exec"] }]),
    socat: [{ words: true, within: groups(/(?:exec|system|shell):["']?([^,"']*)/gi) }],
    sqlite3: [
      { words: true, within: groups(/^\s*\.(?:shell|system)\s+(.*)/gm) },
      { input: true, within: groups(/^\s*\.(?:shell|system)\s+(.*)/gm) },
    ],
    psql: [
      { options: ["-c", "--command"], within: groups(/\\!\s*([^\n]*)|\bprogram\s+'([^']*)'/gi) },
      { input: true, within: groups(/\\!\s*([^\n]*)|\bprogram\s+'([^']*)'/gi) },
    ],
    ...same("mysql mariadb", [
      { options: ["-e", "--execute"], within: groups(/^\s*(?:\\!|system\s)\s*(.*)/gm) },
      { input: true, within: groups(/^\s*(?:\\!|system\s)\s*(.*)/gm) },
    ]),
    ...same("complete compgen", [{ options: ["-C"] }]),
    ...same("mapfile readarray", [{ options: ["-C"] }]),
    ...same("hyperfine concurrently", [{ each: { letters: "nwmrpPc" } }]),
    ...same("npx npm", [{ options: ["-c", "--call", "--script-shell"] }]),
    ...same("nix-shell", [{ options: ["--run", "--command"] }]),
    nix: [{ after: ["develop|shell"], options: ["-c", "--command"] }],
    nodemon: [{ options: ["-x", "--exec"] }],
    sem: [{ rest: { letters: "j", longNames: ["jobs", "id"] } }],
    screen: [{ program: letters("ScTpehL") }, { program: { letters: "ScTpehL", own: 1 } }],
    "start-stop-daemon": [{ options: ["-x", "--exec", "-a", "--startas"] }],
    tmux: [
      {
        after: ["new-session|new|split-window|splitw|new-window|neww|respawn-pane|respawn-window"],
        rest: letters("censtxyFl"),
      },
      { after: ["run-shell|run|pipe-pane|display-popup|popup"], rest: letters("btcdewhxyTE") },
      { after: ["send-keys|send|if-shell|if"], each: letters("tN") },
    ],
  } satisfies Record<string, readonly Carrier[]>),
);

function same(names: string, carriers: readonly Carrier[]): Record<string, readonly Carrier[]> {
  return Object.fromEntries(names.split(" ").map((name) => [name, carriers]));
}

/** Options of the program itself, in front of its verb. */
const ownOptions: Readonly<Record<string, Wrapper>> = {
  git: { letters: "Cc", longNames: ["git-dir", "work-tree", "exec-path", "namespace", "super-prefix", "config-env"] },
  tmux: { letters: "cfLST" },
};

/** The texts of shell in the arguments and the input of a program that is none. */
export function carriedTexts(command: SimpleCommand): CarriedText[] {
  return (byProgram.get(command.name) ?? []).flatMap((carrier): CarriedText[] => {
    const words = wordsAfter(command, carrier.after);
    if (words === undefined) return [];
    const values = valuesOf(carrier, words, command.input);
    const { within } = carrier;
    return within
      ? values.flatMap((value) => within(value)).map((text) => ({ text, isExtracted: true }))
      : values.map((text) => ({ text, isExtracted: false }));
  });
}

/** From the last of the verbs on, or nothing when it is told something else. */
function wordsAfter(command: SimpleCommand, verbs: readonly string[] | undefined): readonly string[] | undefined {
  const all = [command.name, ...command.arguments];
  if (verbs === undefined) return all;
  const own = ownOptions[command.name];
  let words = own ? [command.name, ...wrappedWords(all, own)] : all;
  for (const verb of verbs) {
    const at = words.findIndex((word, index) => index > 0 && !word.startsWith("-"));
    if (at < 0 || !verb.split("|").includes(words[at]!)) return undefined;
    words = words.slice(at);
  }
  return words;
}

function valuesOf(carrier: Carrier, words: readonly string[], input: string | undefined): string[] {
  const values = carrier.options ? optionValues(words, carrier.options) : [];
  if (carrier.rest) values.push(wrappedWords(words, carrier.rest).join(" "));
  if (carrier.program) values.push(wrappedWords(words, carrier.program).map(quotedWord).join(" "));
  if (carrier.each) values.push(...wrappedWords(words, carrier.each).filter((word) => carrier.within || isText(word)));
  if (carrier.first) values.push(...wrappedWords(words, carrier.first).slice(0, 1));
  if (carrier.words) values.push(...words.slice(1));
  if (carrier.input && input !== undefined && !(carrier.within && input === foreignMark)) values.push(input);
  return values.filter((value) => value.trim() !== "");
}

const isText = (word: string): boolean => !word.startsWith("-") && (/\s/.test(word) || word === unknownMark);

function optionValues(words: readonly string[], options: readonly string[]): string[] {
  return words.flatMap((word, at) =>
    options.flatMap((option) => {
      const value = optionValue(word, words[at + 1], option);
      return value === undefined || at === 0 ? [] : [value];
    }),
  );
}

function optionValue(word: string, next: string | undefined, option: string): string | undefined {
  if (word === option) return next;
  if (option === "+") return word.startsWith("+") ? word.slice(1) : undefined;
  if (!/^-\w$/.test(option)) return word.startsWith(`${option}=`) ? word.slice(option.length + 1) : undefined;
  if (word.startsWith(option)) return word.slice(2).replace(/^=/, "");
  return /^-[A-Za-z]+$/.test(word) && word.endsWith(option[1]!) ? next : undefined;
}

/** Variables whose value other programs start. */
const programVariables =
  /^(?:GIT_(?:SSH|SSH_COMMAND|EDITOR|SEQUENCE_EDITOR|PAGER|EXTERNAL_DIFF|ASKPASS|PROXY_COMMAND)|GIT_CONFIG_VALUE_\d+|[A-Z_]*PAGER|[A-Z_]*EDITOR|VISUAL|FCEDIT|LESSOPEN|LESSCLOSE|PROMPT_COMMAND|BROWSER|RSYNC_RSH|CVS_RSH|SVN_SSH|[A-Z_]*ASKPASS|TAR_RSH|DBUS_SESSION_BUS_COMMAND|npm_config_script_shell)$/;
/** Variables whose value the shell expands before it uses it. */
const expandedVariables = /^(?:PS[0124]|ENV|BASH_ENV|PROMPT)$/;
/** Options and code for programs of another language. */
const codeVariables = /^(?:PERL5OPT|RUBYOPT|NODE_OPTIONS|PYTHONSTARTUP|PERL5DB|AWKPATH)$/;

/** The texts of shell that a variable hands to programs which are started later. */
export function carriedByVariable(name: string, value: string): CarriedText[] {
  const extract = (texts: string[]) => texts.map((text) => ({ text, isExtracted: true }));
  if (programVariables.test(name)) return value.trim() === "" ? [] : extract(withoutPipe(value));
  if (expandedVariables.test(name)) return extract(substitutions(value));
  return codeVariables.test(name) ? extract(shellTextsOf(value).texts) : [];
}
