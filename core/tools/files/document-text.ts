import * as z from "zod";
import { parseJson } from "../../base/json.ts";
import { attributeOf, tagsOf } from "./xml.ts";

/** Files inside a document, by their names in it. */
export type Members = ReadonlyMap<string, string>;

const maxOutputChars = 4_000;

/** The text of a Word document (word/document.xml): paragraphs as lines, cells of a table apart by tabs. */
export function docxText(members: Members): string {
  const lines: string[] = [];
  let line = "";
  let row: string[] | undefined;
  let isText = false;
  for (const { name, kind, attributes, text } of tagsOf(members.get("word/document.xml") ?? "")) {
    if (name === "t") isText = kind === "start";
    if (isText) line += text;
    if (name === "tab" && kind !== "end") line += "\t";
    if ((name === "br" || name === "cr") && kind !== "end") line += "\n";
    if (name === "pStyle") line += headingOf(attributeOf(attributes, "val"));
    if (name === "p" && kind !== "start" && row === undefined) {
      lines.push(line);
      line = "";
    } else if (name === "p" && kind !== "start") line += " ";
    if (name === "tr" && kind === "start") row = [];
    if (name === "tc" && kind === "end") {
      row?.push(line.trim());
      line = "";
    }
    if (name === "tr" && kind === "end") {
      lines.push((row ?? []).join("\t"));
      row = undefined;
    }
  }
  return `${lines.join("\n")}\n`;
}

function headingOf(style: string | undefined): string {
  const level = /^(?:heading|titel|title)\s*(\d?)$/i.exec(style ?? "");
  return level === null ? "" : `${"#".repeat(Number(level[1] || 1))} `;
}

/** The cells of a workbook: each sheet under its name, each row a line, columns apart by tabs. Formulas show their values. */
export function xlsxText(members: Members): string {
  const shared = sharedStrings(members.get("xl/sharedStrings.xml") ?? "");
  const parts = sheetsOf(members).map(({ name, xml }) => `## ${name}\n${sheetText(xml, shared)}`);
  return parts.join("\n");
}

function sharedStrings(xml: string): string[] {
  const strings: string[] = [];
  let isText = false;
  for (const { name, kind, text } of tagsOf(xml)) {
    if (name === "si" && kind !== "end") strings.push("");
    // Reading aids of Japanese text are no part of it.
    if (name === "rPh") isText = false;
    if (name === "t") isText = kind === "start";
    if (name === "t" && isText) strings.push(`${strings.pop() ?? ""}${text}`);
  }
  return strings;
}

/** In the workbook's order, found through its relations. */
function sheetsOf(members: Members): { name: string; xml: string }[] {
  const targets = new Map<string, string>();
  for (const { name, attributes } of tagsOf(members.get("xl/_rels/workbook.xml.rels") ?? "")) {
    const [id, target] = [attributeOf(attributes, "Id"), attributeOf(attributes, "Target")];
    if (name === "Relationship" && id && target) targets.set(id, target.replace(/^\/?(xl\/)?/, "xl/"));
  }
  const sheets: { name: string; xml: string }[] = [];
  for (const { name, attributes } of tagsOf(members.get("xl/workbook.xml") ?? "")) {
    if (name !== "sheet") continue;
    const xml = members.get(targets.get(attributeOf(attributes, "id") ?? "") ?? "");
    if (xml !== undefined) sheets.push({ name: attributeOf(attributes, "name") ?? "", xml });
  }
  return sheets;
}

function sheetText(xml: string, shared: readonly string[]): string {
  let rows = "";
  let cells: string[] = [];
  let type = "";
  let isValue = false;
  for (const { name, kind, attributes, text } of tagsOf(xml)) {
    if (name === "row" && kind !== "end") cells = [];
    if (name === "c" && kind !== "end") {
      type = attributeOf(attributes, "t") ?? "";
      const column = columnOf(attributeOf(attributes, "r") ?? "") ?? cells.length;
      while (cells.length <= column) cells.push("");
    }
    if (name === "v" || name === "t") isValue = kind === "start";
    if (isValue && (name === "v" || name === "t")) {
      const value = type === "s" ? (shared[Number(text)] ?? "") : text;
      cells.push((cells.pop() ?? "") + value.replaceAll(/[\t\r\n]+/g, " "));
    }
    if (name === "row" && kind !== "start") rows += `${cells.join("\t").trimEnd()}\n`;
  }
  return rows;
}

/** "C7" is column 2. Excel has 16,384. */
function columnOf(reference: string): number | undefined {
  const letters = /^[A-Z]{1,3}/.exec(reference)?.[0];
  if (letters === undefined) return undefined;
  const number = Array.from(letters, (letter) => letter.charCodeAt(0) - 64).reduce((sum, digit) => sum * 26 + digit, 0);
  return number <= 16_384 ? number - 1 : undefined;
}

const lines = z
  .union([z.string(), z.array(z.string())])
  .transform((text) => (typeof text === "string" ? text : text.join("")));
const output = z.looseObject({
  text: lines.optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  ename: z.string().optional(),
  evalue: z.string().optional(),
});
const notebook = z.looseObject({
  cells: z.array(z.looseObject({ cell_type: z.string(), source: lines, outputs: z.array(output).optional() })),
});

/** The cells of a Jupyter notebook with what they printed; pictures are named, not shown. `undefined`: it is none. */
export function notebookText(json: string): string | undefined {
  const parsed = notebook.safeParse(parseJson(json));
  if (!parsed.success) return undefined;
  const cells = parsed.data.cells.map(({ cell_type: type, source, outputs = [] }, at) => {
    const printed = outputs.map(outputText).filter(Boolean);
    return [`# %% [${at + 1}] ${type}`, source, ...printed.map((text) => `# output:\n${text}`)].join("\n");
  });
  return `${cells.join("\n\n")}\n`;
}

function outputText({ text, data, ename, evalue }: z.infer<typeof output>): string {
  if (ename !== undefined) return `${ename}: ${evalue ?? ""}`;
  const plain = lines.safeParse(data?.["text/plain"]);
  const said = text ?? (plain.success ? plain.data : "");
  const pictures = Object.keys(data ?? {}).filter((type) => type.startsWith("image/"));
  const cut =
    said.length > maxOutputChars
      ? `${said.slice(0, maxOutputChars)} [… output of ${said.length} characters cut]`
      : said;
  return [cut.trimEnd(), ...pictures.map((type) => `[${type}]`)].filter(Boolean).join("\n");
}
