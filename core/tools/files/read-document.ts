import { randomUUID } from "node:crypto";
import { pathWord } from "../../shells/quote.ts";
import type { ToolContext } from "../tool.ts";
import { docxText, notebookText, xlsxText, type Members } from "./document-text.ts";
import { failureOf, runFileScript } from "./run-script.ts";

/** All that is read of one document. */
const maxBytes = 4_800_000;

const formats: Readonly<Record<string, { names: string; text: (members: Members) => string }>> = {
  docx: { names: "word/document.xml", text: docxText },
  xlsx: {
    names: "xl/workbook.xml xl/_rels/workbook.xml.rels xl/sharedStrings.xml xl/worksheets/*.xml",
    text: xlsxText,
  },
};

/** The text of a document that is no text file, by its extension; `undefined` for files that are read as they are. */
export async function readDocument(
  context: ToolContext,
  path: string,
): Promise<{ text: string } | { error: string } | undefined> {
  const extension = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  if (extension === "ipynb") return readNotebook(context, path);
  const format = formats[extension];
  if (format === undefined) return undefined;
  const mark = `talaria-${randomUUID()}`;
  const result = await runFileScript(context, membersScript(path, format.names, mark));
  if (result.verdict === "not-there") return undefined;
  if (result.verdict === "no-tool")
    return { error: `${path} is a packed document, and this shell has none of unzip, python3 and bsdtar to open it.` };
  if (result.exitCode !== 0) return failureOf(`Reading ${path}`, result);
  if (result.verdict === "large") return { error: `${path} holds more text than the ${maxBytes} bytes that are read.` };
  const members = membersOf(result.data, mark);
  if (members.size === 0) return { error: `${path} is not a ${extension} document.` };
  return { text: format.text(members) };
}

async function readNotebook(
  context: ToolContext,
  path: string,
): Promise<{ text: string } | { error: string } | undefined> {
  const script = `f=${pathWord(path)}
if [ ! -f "$f" ] || [ ! -r "$f" ]; then echo not-there; exit 0; fi
if [ "$(wc -c < "$f")" -gt ${maxBytes} ]; then echo large; exit 0; fi
echo notebook
cat "$f"`;
  const result = await runFileScript(context, script);
  // What is none, or too large with its pictures, is shown as the text that it is.
  if (result.verdict !== "notebook" || result.exitCode !== 0) return undefined;
  const text = notebookText(result.data);
  return text === undefined ? undefined : { text };
}

/** Prints each wanted file of the archive after a line with its name. Python's zipfile has no patterns, so all names are listed. */
const membersScript = (path: string, names: string, mark: string): string => `
f=${pathWord(path)}
if [ ! -f "$f" ] || [ ! -r "$f" ]; then echo not-there; exit 0; fi
if command -v unzip >/dev/null 2>&1; then
  list() { unzip -Z1 "$f" 2>/dev/null; }
  show() { unzip -p "$f" "$1" 2>/dev/null; }
elif command -v python3 >/dev/null 2>&1; then
  list() { python3 -c 'import sys,zipfile; print("\\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))' "$f" 2>/dev/null; }
  show() { python3 -c 'import sys,zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' "$f" "$1" 2>/dev/null; }
elif command -v bsdtar >/dev/null 2>&1; then
  list() { bsdtar -tf "$f" 2>/dev/null; }
  show() { bsdtar -xOf "$f" "$1" 2>/dev/null; }
else
  echo no-tool
  exit 0
fi
set -f
t="$(mktemp)" || exit 1
list | while IFS= read -r name; do
  for wanted in ${names}; do
    case "$name" in $wanted) echo "${mark} $name"; show "$name"; echo ;; esac
  done
done | head -c ${maxBytes + 1} > "$t"
if [ "$(wc -c < "$t")" -gt ${maxBytes} ]; then echo large; else echo members; cat "$t"; fi
rm -f "$t"`;

function membersOf(data: string, mark: string): Members {
  const parts = data.split(`${mark} `).slice(1);
  return new Map(
    parts.map((part): [string, string] => {
      const end = part.indexOf("\n");
      return [part.slice(0, end), part.slice(end + 1)];
    }),
  );
}
