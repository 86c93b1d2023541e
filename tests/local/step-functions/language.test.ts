import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sleepUntil } from "../../../local/step-functions/timing.ts";
import { boot, invoke, machine, pass, type Booted } from "./support.ts";
import { turnedClock } from "./turned-clock.ts";

let booted: Booted;
beforeAll(async () => {
  booted = await boot();
});
afterAll(() => booted.close());

describe("AWS's own functions in JSONata", () => {
  it("has uuid, parse, hash, range, partition and random", async () => {
    const result = await booted.run({
      Ask: pass({
        uuid: "{% $match($uuid(), /^[0-9a-f-]{36}$/)[0].index %}",
        parse: "{% $parse('{\"a\":[1]}').a[0] %}",
        hash: "{% $hash('abc', 'SHA-256') %}",
        range: "{% $range(0, 10, 5) %}",
        partition: "{% $partition([1, 2, 3], 2) %}",
        random: "{% $random(7) = $random(7) and $random() < 1 %}",
      }),
    });
    expect(result).toEqual({
      uuid: 0,
      parse: 1,
      hash: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      range: [0, 5, 10],
      partition: [[1, 2], [3]],
      random: true,
    });
  });
});

it("sleeps longer than a timer can by sleeping again", async () => {
  const turned = turnedClock();
  const year = 365 * 24 * 3600 * 1000;
  const slept = sleepUntil(turned, turned.now() + year, new AbortController().signal);
  expect(turned.sleeping()[0]).toBeLessThan(2 ** 31);
  turned.turn(year);
  await slept;
});

it("refuses a definition that AWS would refuse, and JSONPath", async () => {
  const refusals = [
    JSON.stringify({ StartAt: "A", States: { A: { Type: "Pass", End: true } } }),
    machine({ A: { Type: "Pass", Next: "Nowhere" } }),
    machine({ A: { Type: "Pass", End: true, InputPath: "$" } }),
    machine({ A: pass("{% $states.( %}") }),
    machine({ A: { Type: "Pass" } }),
    machine({ A: { Type: "Wait", Seconds: 0.5, End: true } }),
    machine({ A: invoke("square", 1, { Retry: [{ ErrorEquals: ["States.ALL"] }, { ErrorEquals: ["E"] }] }) }),
    machine({ A: { Type: "Map", ItemProcessor: { StartAt: "X", States: {} }, End: true } }),
    "{",
  ];
  for (const definition of refusals)
    await expect(booted.create(definition)).rejects.toMatchObject({ name: "InvalidDefinition" });
});
