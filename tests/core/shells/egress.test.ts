import { describe, expect, it } from "vitest";
import { describeEgress, egressOf, parseEgress, summaryOfEgress } from "../../../core/shells/egress.ts";

const listed = (names: string[], ranges: string[] = []) => ({ kind: "listed", names, ranges });

describe("what commands may reach", () => {
  it.each([
    ["0", { kind: "closed" }],
    ["1", { kind: "open" }],
    ["pypi.org", listed(["pypi.org"])],
    ["pypi.org, *.npmjs.org ,github.com", listed(["pypi.org", "*.npmjs.org", "github.com"])],
    ["PyPI.org,pypi.ORG", listed(["pypi.org"])],
    ["*.internal", listed(["*.internal"])],
    ["xn--bcher-kva.example", listed(["xn--bcher-kva.example"])],
    ["a_b.example.org,1.example.org", listed(["a_b.example.org", "1.example.org"])],
    ["10.1.0.0/16", listed([], ["10.1.0.0/16"])],
    ["10.0.0.0/8,192.0.2.7/32", listed([], ["10.0.0.0/8", "192.0.2.7/32"])],
    ["fd00::/8,2001:DB8::/32,::1/128", listed([], ["fd00::/8", "2001:db8::/32", "::1/128"])],
    ["db.internal,10.1.0.0/16", listed(["db.internal"], ["10.1.0.0/16"])],
  ])("is read from %j", (value, egress) => {
    expect(parseEgress(value)).toEqual(egress);
  });

  it.each([
    ["https://github.com", "“https://github.com” is neither a name nor an IP range"],
    ["github.com/talaria", "“github.com/talaria” is neither"],
    ["github.com:443", "names a port; a name stands for its ports 80 and 443"],
    ["github.com;pypi.org", "neither a name"],
    ["github.com pypi.org", "neither a name"],
    ["yes", "“yes” is neither a name"],
    ["localhost", "“localhost” is neither a name"],
    ["*", "“*” cannot be one of several entries"],
    ["1,pypi.org", "“1” cannot be one of several entries"],
    ["pypi.org,", "an entry of the list is empty"],
    [",", "an entry of the list is empty"],
    ["pypi.org,,github.com", "an entry of the list is empty"],
    ["*pypi.org", "neither a name"],
    ["files.*.org", "neither a name"],
    ["*.*.org", "neither a name"],
    [".pypi.org", "neither a name"],
    ["pypi.org.", "neither a name"],
    ["-a.example.org", "neither a name"],
    ["a-.example.org", "neither a name"],
    ["bücher.example", "neither a name"],
    [`${"a".repeat(64)}.example`, "neither a name"],
    [`${"a.".repeat(130)}example`, "neither a name"],
    ["10.1.2.300", "“10.1.2.300” is neither a name"],
    ["10.1.2", "“10.1.2” is neither a name"],
    ["10.1.2.3", "is an address; as a range it is 10.1.2.3/32"],
    ["::1", "as a range it is ::1/128"],
    ["10.1.2.3/16", "“10.1.2.3/16” is not the first address of its range"],
    ["fd00::1/8", "is not the first address"],
    ["::ffff:10.0.0.1/96", "is not the first address"],
    ["10.0.0.0/33", "no length from 0 to 32"],
    ["10.0.0.0/", "no length from 0 to 32"],
    ["10.0.0.0/08", "no length from 0 to 32"],
    ["10.0.0.0/-1", "no length"],
    ["fd00::/129", "no length from 0 to 128"],
    ["0.0.0.0/0", "is wider than /8"],
    ["128.0.0.0/1", "is wider than /8"],
    ["::/0", "is wider than /7"],
    ["10.0.0.0/8/8", "neither"],
    ["fe80::%eth0/64", "neither"],
    ["/16", "neither"],
  ])("is refused as %j, with the entry that is wrong and what is right", (value, problem) => {
    const parse = () => parseEgress(value);
    expect(parse).toThrow(problem);
    expect(parse).toThrow("Write 0 (nothing), 1 (everything), or a list of names and IP ranges");
  });

  const engine = {
    shell: "engine",
    keeps: ["closed", "open"],
    because: "It knows only all or nothing.",
    byDefault: "closed",
  } as const;

  it.each([undefined, "", " "])("is the shell's own default when nothing is said: %j", (value) => {
    expect(egressOf({ TALARIA_SHELL_NETWORK: value }, engine)).toEqual({ kind: "closed" });
    expect(egressOf({ TALARIA_SHELL_NETWORK: value }, { ...engine, byDefault: "open" })).toEqual({ kind: "open" });
  });

  it("is refused by a shell that cannot keep it, which says which can", () => {
    expect(() => egressOf({ TALARIA_SHELL_NETWORK: "pypi.org" }, engine)).toThrow(
      "The shell “engine” cannot keep TALARIA_SHELL_NETWORK=pypi.org: It knows only all or nothing. The shells local, modal and daytona can",
    );
    expect(() => egressOf({ TALARIA_SHELL_NETWORK: "0" }, { ...engine, keeps: ["open"] })).toThrow(
      "The shells local, docker, modal and daytona can",
    );
  });

  it("is told to the operator and to the model", () => {
    const egress = parseEgress("pypi.org,10.1.0.0/16");
    expect(summaryOfEgress(egress)).toBe("network: pypi.org, 10.1.0.0/16");
    expect(describeEgress(egress)).toBe(
      "Of the network only this may be reached: pypi.org, 10.1.0.0/16 (names on the ports 80 and 443).",
    );
  });
});
