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
  env: { letters: "uC", longNames: ["unset", "chdir"] },
  command: {},
  builtin: {},
  exec: { letters: "a" },
  nice: { letters: "n", longNames: ["adjustment"] },
  ionice: { letters: "cnp" },
  nohup: {},
  setsid: {},
  time: { letters: "fo" },
  stdbuf: { letters: "ioe" },
  timeout: { letters: "sk", longNames: ["signal", "kill-after"], own: 1 },
  gtimeout: { letters: "sk", own: 1 },
  busybox: {},
  toybox: {},
  chroot: { own: 1 },
  unshare: {},
  nsenter: { letters: "t" },
  strace: { letters: "eopsuE" },
  ltrace: { letters: "eops" },
  flock: { letters: "wE", own: 1 },
  taskset: { own: 1 },
  chrt: { own: 1 },
  caffeinate: { letters: "tw" },
  "systemd-run": { letters: "pu", longNames: ["property", "unit"] },
  npx: { letters: "p", longNames: ["package"] },
  bunx: {},
  uvx: {},
  proxychains: {},
  proxychains4: {},
  torsocks: {},
  coproc: {},
  winpty: {},
};

/** Two words that together start another program. */
export const runners: Readonly<Record<string, readonly string[]>> = {
  npm: ["exec", "x"],
  pnpm: ["exec", "dlx"],
  yarn: ["exec", "dlx"],
  bun: ["x"],
  uv: ["run"],
  poetry: ["run"],
  pipenv: ["run"],
  bundle: ["exec"],
  mise: ["exec", "x"],
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
