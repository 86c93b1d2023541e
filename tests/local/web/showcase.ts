/** A reply with every kind of Markdown that the page renders. */
export const showcase = `Here is what I found, with **strong**, *emphasised*, ~~struck~~ and \`inline code\` text, and a [link](https://example.org/a?b=1&c=2) beside a bare address: https://example.org/path_with_underscores.

## A heading

1. First, look at the folder
2. Then count what is in it
   - files that are hidden
   - files that are not
3. Report

\`\`\`ts
export const fibonacci = (n: number): number => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2)); // a line that is too long for most screens
console.log([1, 2, 3].map(fibonacci));
\`\`\`

> A quotation that says something wise,
> over two lines.

| File | Size | What it is for, in so many words that the table grows wide |
| --- | ---: | --- |
| \`README.md\` | 4 KB | what this is, and how it is started |
| \`package.json\` | 2 KB | scripts and dependencies |

---

That is all. Averyveryverylongwordwithoutanyspacethatwouldnotfitononelineofaphoneandmustbebrokensomewhere.`;
