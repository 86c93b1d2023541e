import { pathWord, quote } from "../../shells/quote.ts";

/** A search as the model asks for it; see the fields' descriptions in search-files.ts. */
interface Search {
  pattern: string;
  target?: "content" | "files" | undefined;
  path?: string | undefined;
  file_glob?: string | undefined;
  output_mode?: "content" | "files_only" | "count" | undefined;
  context?: number | undefined;
}

/** Folders that hold other people's files, or ours. */
const skippedFolders = [".git", "node_modules", ".talaria", "__pycache__", ".venv"];

/** Stands on a line between what the search complains of and what it found. */
export const foundMark = "\u001e";

/**
 * Prints a verdict, what the search complains of, a mark, and then `count` result lines from `first` on: those come at
 * once at the end, so that no complaint is in the middle of one. Exit code 1 of a search means that nothing was found;
 * 141 that `head` had enough.
 */
export function searchScript(search: Search, first: number, count: number): string {
  const path = pathWord(search.path ?? ".");
  const source = search.target === "files" ? findFiles(search) : searchContent(search);
  return `
p=${path}
if [ ! -e "$p" ]; then echo missing; exit 0; fi
echo found
set -o pipefail
lines="$({ ${source}; } | tail -n +${first + 1} | head -n ${count})"
code=$?
printf '\\036\\n%s\\n' "$lines"
case $code in 1|141) exit 0 ;; *) exit $code ;; esac`;
}

function findFiles({ pattern, file_glob: glob }: Search): string {
  const skipped = skippedFolders.map((name) => `-not -path ${quote(`*/${name}/*`)}`).join(" ");
  const wanted = pattern.includes("/") ? `-path ${quote(`*${pattern}`)}` : `-name ${quote(pattern)}`;
  const also = glob === undefined ? "" : ` -name ${quote(glob)}`;
  return `find "$p" -type f ${wanted}${also} ${skipped} | sort`;
}

/** ripgrep where it is installed, else grep: both understand these patterns, and print path:line:text. */
const searchContent = (search: Search): string =>
  `if command -v rg >/dev/null 2>&1; then ${ripgrep(search)}; else ${grep(search)}; fi`;

function ripgrep({ pattern, file_glob: glob, output_mode: mode, context }: Search): string {
  const options = [
    "--hidden",
    ...skippedFolders.map((name) => `-g ${quote(`!${name}`)}`),
    ...(glob === undefined ? [] : [`-g ${quote(glob)}`]),
    ...(mode === "files_only" ? ["-l"] : mode === "count" ? ["-c"] : ["-n", ...around(context)]),
    "--with-filename",
  ];
  return `rg ${options.join(" ")} -e ${quote(pattern)} "$p"`;
}

function grep({ pattern, file_glob: glob, output_mode: mode, context }: Search): string {
  const options = [
    "-rHIE",
    ...skippedFolders.map((name) => `--exclude-dir=${quote(name)}`),
    ...(glob === undefined ? [] : [`--include=${quote(glob)}`]),
    ...(mode === "files_only" ? ["-l"] : mode === "count" ? ["-c"] : ["-n", ...around(context)]),
  ];
  const found = `grep ${options.join(" ")} -e ${quote(pattern)} -- "$p"`;
  // grep counts the files without a match too.
  return mode === "count" ? `${found} | grep -v ':0$'` : found;
}

const around = (context: number | undefined): string[] => {
  const lines = Math.min(20, Math.max(0, Math.floor(context ?? 0)));
  return lines === 0 ? [] : [`-C ${lines}`];
};
