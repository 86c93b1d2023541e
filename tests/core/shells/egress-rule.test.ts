import { describe, expect, it } from "vitest";
import { parseEgress } from "../../../core/shells/egress.ts";
import { egressRule, type ListedEgress } from "../../../core/shells/local/egress-rule.ts";

/** What the rule says of `host:port` where the list is this and every name stands for these addresses. */
async function verdictOn(list: string, target: string, addresses: string[] = ["93.184.215.14"]) {
  const asked: string[] = [];
  const rule = egressRule(parseEgress(list) as ListedEgress, async (name) => {
    asked.push(name);
    return addresses;
  });
  const { host, port } = /^(?<host>.*):(?<port>\d+)$/.exec(target)?.groups ?? {};
  const verdict = await rule(host ?? "", Number(port));
  return { asked, ...verdict };
}

describe("the rule of a list", () => {
  it.each([
    ["pypi.org", "pypi.org:443"],
    ["pypi.org", "pypi.org:80"],
    ["pypi.org", "PyPI.org.:443"],
    ["*.npmjs.org", "registry.npmjs.org:443"],
    ["*.npmjs.org", "a.b.npmjs.org:443"],
    ["github.com,pypi.org", "pypi.org:443"],
  ])("%j lets %j through", async (list, target) => {
    expect(await verdictOn(list, target)).toMatchObject({ addresses: ["93.184.215.14"] });
  });

  it.each([
    ["pypi.org", "www.pypi.org:443"],
    ["pypi.org", "pypi.org.evil.example:443"],
    ["*.npmjs.org", "npmjs.org:443"],
    ["*.npmjs.org", "evilnpmjs.org:443"],
    ["10.1.0.0/16", "db.internal:5432"],
    ["pypi.org", "localhost:80"],
  ])("%j refuses %j, and does not even look it up", async (list, target) => {
    expect(await verdictOn(list, target)).toMatchObject({ status: 403, asked: [] });
  });

  it.each([
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "224.0.0.1",
    "::1",
    "::",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
  ])("refuses a listed name that stands for %s", async (address) => {
    const verdict = await verdictOn("pypi.org", "pypi.org:80", [address]);
    expect(verdict).toMatchObject({ status: 403, reason: expect.stringContaining(`stands for ${address}`) });
  });

  it("goes only to the addresses that it looked at, and only to the public ones among them", async () => {
    const found = ["127.0.0.1", "93.184.215.14", "::1", "2606:2800:21f::1"];
    expect(await verdictOn("pypi.org", "pypi.org:443", found)).toEqual({
      asked: ["pypi.org"],
      addresses: ["93.184.215.14", "2606:2800:21f::1"],
    });
  });

  it("lets a name stand for the web's ports", async () => {
    expect(await verdictOn("github.com", "github.com:22")).toMatchObject({
      status: 403,
      reason: "names stand for the ports 80 and 443, not 22",
    });
  });

  it.each([
    ["10.1.0.0/16", "10.1.2.3:5432"],
    ["10.1.2.3/32", "10.1.2.3:80"],
    ["127.0.0.0/8", "127.0.0.1:8080"],
    ["169.254.169.254/32", "169.254.169.254:80"],
    ["fd00::/8", "fd00::5:443"],
    ["10.1.0.0/16", "::ffff:10.1.2.3:443"],
  ])("%j lets every port of %j through", async (list, target) => {
    expect(await verdictOn(list, target)).toMatchObject({ addresses: [expect.any(String)], asked: [] });
  });

  it.each([
    ["10.1.0.0/16", "10.2.0.1:80"],
    ["10.1.2.3/32", "10.1.2.4:80"],
    ["pypi.org", "93.184.215.14:443"],
    ["pypi.org", "169.254.169.254:80"],
    ["fd00::/8", "fe80::1:80"],
    ["10.1.0.0/16", "::ffff:10.2.0.1:80"],
  ])("%j refuses %j", async (list, target) => {
    expect(await verdictOn(list, target)).toMatchObject({ status: 403 });
  });

  it("lets a listed name lead into a listed range, there on every port", async () => {
    const list = "*.internal,10.1.0.0/16";
    expect(await verdictOn(list, "db.internal:5432", ["10.1.2.3"])).toMatchObject({ addresses: ["10.1.2.3"] });
    expect(await verdictOn(list, "db.internal:5432", ["10.2.0.1"])).toMatchObject({ status: 403 });
  });

  it("says when a name stands for nothing", async () => {
    expect(await verdictOn("pypi.org", "pypi.org:443", [])).toMatchObject({ status: 502 });
  });
});
