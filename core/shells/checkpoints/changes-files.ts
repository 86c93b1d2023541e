/** Programs that change or remove files that are there already, as the first word of a simple command. */
const changers =
  /^(rm|rmdir|unlink|mv|cp|install|ln|dd|shred|truncate|tee|patch|rsync|unzip|tar|chmod|chown|rename|prettier|black|ruff|gofmt|rustfmt)$/;

/** Options and subcommands with which other programs do. */
const changing: readonly RegExp[] = [
  /^(sed|perl|ruby)\b.*\s-\w*i/,
  /^(awk|gawk)\b.*inplace/,
  /^git\s(.*\s)?(reset|clean|checkout|restore|switch|rm|mv|stash|merge|rebase|pull|apply|am|revert|cherry-pick)(\s|$)/,
  /^find\b.*\s-(delete|exec|execdir|ok)\b/,
  /^make\b/,
  /\bxargs\b/,
  /^(npm|pnpm|yarn|bun|npx|uv|pip3?|poetry|cargo|go|bundle|composer|dotnet|mvn|gradle)\s/,
  /^(python[\d.]*|node|deno|bash|sh|zsh|ruby|perl|php)\b/,
  /--(fix|write|in-place|inplace)\b/,
];

/** Words in front of a command that say nothing about it. */
const prefix =
  /^(sudo|env|time|nice|nohup|exec|command|builtin|stdbuf|timeout\s+\S+|then|do|else|if|while|!|\{|\w+=\S*)\s+/;

/**
 * Whether a command may change files, so that a checkpoint is worth its while: rather once too often, since a program
 * can do anything. Plain looking (ls, cat, grep, git status) is not.
 */
export function changesFiles(command: string): boolean {
  // A redirection to a file, but not to another stream or to nowhere.
  const bare = command.replaceAll(/'[^']*'|"(\\.|[^"\\])*"/g, (quoted) => (/[\s>;|&]/.test(quoted) ? "_" : quoted));
  if (/(^|[^<>=-])>{1,2}\|?\s*(?!&|\/dev\/(null|stdout|stderr|tty)\b)[^\s>&(]/.test(bare)) return true;
  return bare.split(/&&|\|\||[;|&\n()`]|\$\(/).some((part) => {
    let simple = part.trim();
    for (let rest = simple.replace(prefix, ""); rest !== simple; rest = simple.replace(prefix, "")) simple = rest;
    const [word = ""] = simple.split(/\s/);
    return changers.test(word.replace(/^.*\//, "")) || changing.some((pattern) => pattern.test(simple));
  });
}
