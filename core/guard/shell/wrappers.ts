/** Programs that start the program in their arguments, and which of their own options take a value. */
export interface Wrapper {
  /** Letters of options with a value in the next argument. */
  letters?: string;
  longNames?: readonly string[];
  /** How many arguments of its own stand in front of the program. */
  own?: number;
}

export const wrappers: Readonly<Record<string, Wrapper>> = {
  sudo: { letters: "ugpCTRDhrtU", longNames: ["user", "group", "prompt", "chdir", "host", "role", "type"] },
  doas: { letters: "uC" },
  pkexec: { longNames: ["user"] },
  runuser: { letters: "ugGsw", longNames: ["user", "group", "supp-group", "shell"] },
  gosu: { own: 1 },
  "su-exec": { own: 1 },
  setuidgid: { own: 1 },
  chpst: { letters: "uUbemdocfrtp/n" },
  setpriv: { longNames: ["reuid", "regid", "groups", "inh-caps", "bounding-set", "securebits", "pdeathsig"] },
  env: { letters: "uCS", longNames: ["unset", "chdir", "split-string"] },
  command: {},
  builtin: {},
  exec: { letters: "a" },
  nice: { letters: "n", longNames: ["adjustment"] },
  ionice: { letters: "cnp", longNames: ["class", "classdata"] },
  prlimit: {},
  cpulimit: { letters: "lpe", longNames: ["limit", "pid", "exe"] },
  choom: { letters: "np", longNames: ["adjust", "pid"] },
  numactl: { letters: "NCmipP" },
  cgexec: { letters: "g" },
  nohup: {},
  setsid: {},
  time: { letters: "fo" },
  stdbuf: { letters: "ioe" },
  unbuffer: {},
  rlwrap: {},
  chronic: {},
  catchsegv: {},
  timeout: { letters: "sk", longNames: ["signal", "kill-after"], own: 1 },
  gtimeout: { letters: "sk", own: 1 },
  retry: { letters: "tdmn", longNames: ["times", "delay"] },
  busybox: {},
  toybox: {},
  chroot: { own: 1 },
  unshare: {},
  nsenter: { letters: "t", longNames: ["target"] },
  fakeroot: { letters: "lsbi" },
  faketime: { letters: "f", own: 1 },
  setarch: {},
  ...Object.fromEntries(
    ["linux32", "linux64", "i386", "i486", "i586", "i686", "x86_64", "aarch64", "uname26"].map((name) => [name, {}]),
  ),
  strace: { letters: "eopsuE" },
  ltrace: { letters: "eops" },
  valgrind: {},
  flock: { letters: "wE", longNames: ["timeout", "wait", "conflict-exit-code"], own: 1 },
  taskset: { own: 1 },
  chrt: { own: 1 },
  caffeinate: { letters: "tw" },
  "systemd-run": { letters: "pu", longNames: ["property", "unit"] },
  "systemd-inhibit": {},
  "systemd-cat": { letters: "tp", longNames: ["identifier", "priority"] },
  "xvfb-run": {
    letters: "efnspw",
    longNames: ["error-file", "auth-file", "server-num", "server-args", "xauth-protocol", "wait"],
  },
  "dbus-run-session": { longNames: ["config-file", "dbus-daemon"] },
  "dbus-launch": {},
  dtach: { letters: "eErz", own: 1 },
  abduco: { letters: "e", own: 1 },
  daemonize: { letters: "aceolpu" },
  entr: {},
  watchexec: { letters: "weidsof", longNames: ["watch", "exts", "ignore", "filter", "debounce", "shell"] },
  npx: { letters: "p", longNames: ["package"] },
  bunx: {},
  uvx: {},
  dotenv: { letters: "fevt", longNames: ["file"] },
  proxychains: {},
  proxychains4: {},
  torsocks: {},
  torify: {},
  tsocks: {},
  coproc: {},
  winpty: {},
};

/** What is left of its words is the other machine, and what runs there. */
export const sshOptions: Wrapper = { letters: "bcDEeFIiJLlmOopQRSWw" };

/** Two words that together start another program, and which options stand between. */
export const runners: Readonly<Record<string, Wrapper & { verbs: readonly string[] }>> = {
  npm: { verbs: ["exec", "x"], letters: "pw", longNames: ["package", "workspace"] },
  pnpm: { verbs: ["exec", "dlx"] },
  yarn: { verbs: ["exec", "dlx"], letters: "p" },
  bun: { verbs: ["x"] },
  uv: {
    verbs: ["run"],
    letters: "p",
    longNames: ["with", "python", "project", "package", "extra", "group", "env-file"],
  },
  poetry: { verbs: ["run"] },
  pipenv: { verbs: ["run"] },
  pipx: { verbs: ["run"], longNames: ["spec", "python"] },
  hatch: { verbs: ["run"] },
  bundle: { verbs: ["exec"] },
  mise: { verbs: ["exec", "x"] },
  asdf: { verbs: ["exec"] },
  rbenv: { verbs: ["exec"] },
  pyenv: { verbs: ["exec"] },
  rustup: { verbs: ["run"], own: 1 },
  conda: { verbs: ["run"], letters: "np", longNames: ["name", "prefix", "cwd"] },
  direnv: { verbs: ["exec"], own: 1 },
  doppler: { verbs: ["run"], letters: "pc", longNames: ["project", "config"] },
  op: { verbs: ["run"], longNames: ["env-file", "account"] },
  infisical: { verbs: ["run"], longNames: ["env", "path"] },
  "aws-vault": { verbs: ["exec"], letters: "d", own: 1 },
  nix: { verbs: ["develop", "shell", "run"] },
  perf: { verbs: ["stat", "record", "trace"], letters: "oeFr", longNames: ["output", "event"] },
};

/** The words after a wrapper and its options: the program that it starts. */
export function wrappedWords(words: readonly string[], wrapper: Wrapper): string[] {
  let own = wrapper.own ?? 0;
  let at = 1;
  for (; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") {
      at += 1;
      break;
    }
    if (word.startsWith("--")) {
      if (wrapper.longNames?.includes(word.slice(2))) at += 1;
    } else if (/^-./.test(word)) {
      if (word.length === 2 && wrapper.letters?.includes(word[1]!)) at += 1;
    } else if (!/^[A-Za-z_]\w*=/.test(word) && own-- <= 0) break;
  }
  return words.slice(at);
}
