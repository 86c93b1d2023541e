import { crc32, deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { RunOptions } from "../../../core/shells/shell.ts";
import { readFile } from "../../../core/tools/read-file.ts";
import { callTool, newBench, textOf, toolRunners, type ToolBench } from "./tool-bench.ts";

/** A ZIP archive, written by its specification (PKWARE APPNOTE 6.3): local headers, central directory, end record. */
function zipOf(files: Record<string, string>): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const raw = Buffer.from(text);
    const packed = deflateRawSync(raw);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(raw), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(raw.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), fields, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), fields, rest, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(central.length, 4);
  end.writeUInt16LE(central.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from("PK\u0005\u0006"), end]);
}

const put = ({ workspace }: ToolBench, path: string, bytes: Buffer) =>
  workspace.run(`base64 -d > ${path}`, { timeoutMs: 15_000, stdin: bytes.toString("base64") });

const docx = zipOf({
  "[Content_Types].xml": "<Types/>",
  "word/document.xml": `<?xml version="1.0"?><w:document xmlns:w="x"><w:body>
<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Plan &amp; goal</w:t></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">First </w:t></w:r><w:r><w:t>half</w:t><w:tab/><w:t>b&#8217;s</w:t></w:r></w:p><w:p/>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
</w:body></w:document>`,
});

const xlsx = zipOf({
  "xl/workbook.xml": `<workbook xmlns:r="r"><sheets><sheet name="Costs" sheetId="1" r:id="rId2"/><sheet name="Empty" sheetId="2" r:id="rId1"/></sheets></workbook>`,
  "xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Target="/xl/worksheets/sheet2.xml"/><Relationship Id="rId2" Target="worksheets/sheet1.xml"/></Relationships>`,
  "xl/sharedStrings.xml": `<sst><si><t>Item</t></si><si><r><t>Two </t></r><r><t>parts</t></r></si></sst>`,
  "xl/worksheets/sheet1.xml": `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>Sum</t></is></c></row><row r="2"><c r="A2" t="s"><v>1</v></c><c r="C2"><f>1+1</f><v>2</v></c></row></sheetData></worksheet>`,
  "xl/worksheets/sheet2.xml": `<worksheet><sheetData/></worksheet>`,
});

const notebook = Buffer.from(
  JSON.stringify({
    nbformat: 4,
    cells: [
      { cell_type: "markdown", source: ["# Title\n", "text"] },
      {
        cell_type: "code",
        source: "print(1)",
        outputs: [
          { output_type: "stream", text: ["1\n"] },
          { output_type: "display_data", data: { "image/png": "iVBOR", "text/plain": ["<Figure>"] } },
          { output_type: "error", ename: "ValueError", evalue: "no" },
        ],
      },
    ],
  }),
);

describe.each(toolRunners)("read_file on $name", (runner) => {
  const canOpen = runner.name !== "just-bash";
  if (!canOpen) console.log("skipped: packed documents in just-bash, which has no unzip and no python3");

  it.skipIf(!canOpen)("shows the text of a Word document", async () => {
    const bench = await newBench(runner);
    await put(bench, "plan.docx", docx);
    expect(await bench.call(readFile, { path: "plan.docx" })).toMatchObject({
      content: "# Plan & goal\nFirst half\tb’s\n\na\t1\n",
      total_lines: 4,
    });
  });

  it.skipIf(!canOpen)("shows the sheets of a workbook, by lines, in its order", async () => {
    const bench = await newBench(runner);
    await put(bench, "a.xlsx", xlsx);
    expect(await bench.call(readFile, { path: "a.xlsx" })).toMatchObject({
      content: "## Costs\nItem\t\tSum\nTwo parts\t\t2\n\n## Empty\n",
    });
    expect(await bench.call(readFile, { path: "a.xlsx", offset: 2, limit: 1 })).toMatchObject({
      content: "Item\t\tSum\n",
      next_offset: 3,
    });
  });

  it.skipIf(!canOpen)("opens them with Python where there is no unzip", async () => {
    const bench = await newBench(runner);
    await put(bench, "a.xlsx", xlsx);
    const programs = "bash python3 mktemp head tail wc cat rm tr dirname ls";
    const made = await bench.shell(
      `mkdir programs; for p in ${programs}; do ln -s "$(command -v $p)" programs/$p; done; ls programs`,
    );
    const narrow = (script: string) => `PATH="$HOME/programs"\n${script}`;
    const { workspace } = bench;
    const limited = {
      ...workspace,
      run: (script: string, options: RunOptions) => workspace.run(narrow(script), options),
    };
    expect(made.split("\n")).toContain("python3");
    expect(
      await callTool(readFile, { path: "a.xlsx" }, { ...bench.context, workspace: async () => limited }),
    ).toMatchObject({
      content: "## Costs\nItem\t\tSum\nTwo parts\t\t2\n\n## Empty\n",
    });
  });

  it("shows the cells of a notebook, and a broken one as the text that it is", async () => {
    const bench = await newBench(runner);
    await put(bench, "n.ipynb", notebook);
    expect(textOf((await bench.call(readFile, { path: "n.ipynb" }))["content"])).toBe(
      "# %% [1] markdown\n# Title\ntext\n\n# %% [2] code\nprint(1)\n# output:\n1\n# output:\n<Figure>\n[image/png]\n# output:\nValueError: no\n",
    );
    await put(bench, "broken.ipynb", Buffer.from('{"cells": 1}'));
    expect(await bench.call(readFile, { path: "broken.ipynb" })).toMatchObject({ content: '{"cells": 1}' });
  });

  it("says what is wrong with a document that it cannot open", async () => {
    const bench = await newBench(runner);
    await put(bench, "fake.docx", Buffer.from("no archive"));
    const { error } = await bench.call(readFile, { path: "fake.docx" });
    expect(error).toBe(
      canOpen
        ? "fake.docx is not a docx document."
        : "fake.docx is a packed document, and this shell has none of unzip, python3 and bsdtar to open it.",
    );
    expect((await bench.call(readFile, { path: "gone.xlsx" }))["error"]).toBe("gone.xlsx does not exist.");
  });

  it("says so when a file is read again without a change", async () => {
    const bench = await newBench(runner);
    await bench.shell("seq 1 200 > numbers; : > empty");
    const first = await bench.call(readFile, { path: "numbers" });
    expect(first).not.toHaveProperty("note");
    const later = { ...bench.context, previousResult: () => JSON.parse(JSON.stringify(first)) };
    expect(await callTool(readFile, { path: "numbers" }, later)).toMatchObject({
      content: first["content"],
      note: expect.stringContaining("Word for word"),
    });
    await bench.shell("echo more >> numbers");
    expect(await callTool(readFile, { path: "numbers" }, later)).not.toHaveProperty("note");
  });
});
