/** What an exit code says, where the bare number is often taken for a failure. */
const byProgram: Record<string, Record<number, string>> = {
  grep: { 1: "no lines matched" },
  egrep: { 1: "no lines matched" },
  rg: { 1: "no lines matched" },
  diff: { 1: "the files differ" },
  cmp: { 1: "the files differ" },
  test: { 1: "the condition is false" },
  "[": { 1: "the condition is false" },
  "[[": { 1: "the condition is false" },
  find: { 1: "some folders could not be read" },
  curl: {
    6: "the host name could not be resolved",
    7: "the connection was refused",
    22: "the server answered with an HTTP error",
    28: "the request timed out",
  },
};

const general: Record<number, string> = {
  126: "the command was found but could not be run",
  127: "command not found",
  130: "interrupted: the command was stopped with everything it started",
  137: "killed, often for using too much memory",
  139: "crashed (segmentation fault)",
};

/** `undefined` when the number needs no explanation. The last program decides a script's code. */
export function meaningOf(exitCode: number, command: string): string | undefined {
  const last =
    command
      .trim()
      .split(/&&|\|\||[;|\n]/)
      .at(-1) ?? "";
  const words = last
    .trim()
    .split(/\s+/)
    .filter((word) => !/^\w+=/.test(word));
  const program = words[0]?.split("/").at(-1) ?? "";
  return byProgram[program]?.[exitCode] ?? general[exitCode];
}
