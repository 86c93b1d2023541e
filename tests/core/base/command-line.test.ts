import { expect, it } from "vitest";
import { parseCommandLine } from "../../../core/base/command-line.ts";

const options = { stage: { type: "string" } } as const;

it("reads what it knows", () => {
  expect(parseCommandLine({ args: ["--stage", "try"], options }).values.stage).toBe("try");
});

it.each([[["--stagee", "try"]], [["try"]], [["--stage"]]])("refuses %j and says where to look", (args) => {
  expect(() => parseCommandLine({ args, options })).toThrow(
    expect.objectContaining({
      kind: "refused",
      message: expect.stringMatching(/stage|try.*--help says what there is/),
    }),
  );
});
