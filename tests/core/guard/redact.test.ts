import { createHash, randomBytes } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redact } from "../../../core/guard/redact.ts";
import { tokenPrefixes } from "../../../core/guard/token-prefixes.ts";

/** Made up here, so that no file of the repository looks like a leak to a scanner. */
const body = (length: number) => "a1B2c3D4e5F6g7H8".repeat(Math.ceil(length / 16)).slice(0, length);
const hex = (length: number) => "0123456789abcdef".repeat(Math.ceil(length / 16)).slice(0, length);
const github = `ghp_${body(36)}`;

const secrets: [what: string, text: string, secret: string][] = [
  ["an OpenAI project key", `sk-proj-${body(40)}`, body(40)],
  ["an Anthropic key", `x sk-ant-api03-${body(60)}-AA y`, body(60)],
  ["an AWS key id", "AKIAIOSFODNN7EXAMPLE", "IOSFODNN7EX"],
  ["a GitHub token", github, body(36)],
  ["a GitLab token", `glpat-${body(20)}`, body(20)],
  ["a Slack token", `xoxb-123456789012-${body(24)}`, body(24)],
  ["a Telegram token in an address", `https://api.telegram.org/bot123456789:AAE${body(32)}/getMe`, body(32)],
  ["a Stripe key", `sk_live_${body(24)}`, body(24)],
  ["a Google key", `AIza${body(35)}`, body(35)],
  ["a SendGrid key", `SG.${body(22)}.${body(43)}`, body(43)],
  ["a Twilio key", `SK${hex(32)}`, hex(32)],
  ["a Hugging Face token", `hf_${body(34)}`, body(34)],
  ["an npm token", `//registry/:_authToken=npm_${body(36)}`, body(36)],
  ["a JSON web token", `eyJ${body(20)}.eyJ${body(40)}.${body(30)}`, body(40)],
  ["an assignment of the environment", "export DB_PASSWORD=hunter2 && run", "hunter2"],
  ["a quoted assignment", `MY_API_KEY="correct horse"`, "correct horse"],
  ["JSON", `{"user": "bob", "clientSecret": "s3cr3t-value"}`, "s3cr3t-value"],
  ["JSON within JSON", `{"body": "{\\"password\\": \\"hunter2x\\"}"}`, "hunter2x"],
  ["a form", "user=bob&password=opensesame&x=1", "opensesame"],
  ["a query", "GET /login?access_token=opensesame HTTP/1.1", "opensesame"],
  ["a signed address", `https://b.example/x?X-Amz-Signature=${hex(64)}`, hex(64)],
  ["a bearer header", `curl -H "Authorization: Bearer ${body(30)}" x`, body(30)],
  ["a basic header", "authorization: Basic dXNlcjpwYXNzdzByZA==", "dXNlcjpwYXNzdzByZA"],
  ["a header of an API", "X-Api-Key: opensesame", "opensesame"],
  ["cookies", "Cookie: sid=abcdef123456; lang=en", "abcdef123456"],
  ["a cookie that is set", "set-cookie: sid=abcdef123456; Path=/; HttpOnly", "abcdef123456"],
  ["a password in an address", "postgres://bob:hunter2@db.example/x", "hunter2"],
  ["an option", "mysql --password=hunter2 --user bob", "hunter2"],
  ["an option with a space", "tool --api-key hunter2x", "hunter2x"],
  ["a private key", `-----BEGIN RSA PRIVATE KEY-----\n${body(64)}\n-----END RSA PRIVATE KEY-----`, body(16)],
  ["a private key cut off", `-----BEGIN OPENSSH PRIVATE KEY-----\n${body(64)}\n${body(64)}`, body(16)],
  ["a token with colours in it", `ghp_\u001b[0m${body(36)}`, body(36)],
  ["a token in colour", `\u001b[32m${github}\u001b[0m`, body(36)],
  ["a token divided by NUL", `${github.slice(0, 12)}\0${github.slice(12)}`, github.slice(14, 34)],
  ["a token divided by what nobody sees", `${github.slice(0, 12)}\u200b${github.slice(12)}`, github.slice(14, 34)],
];

const harmless: [what: string, text: string][] = [
  ["a variable", `Authorization: Bearer \${TOKEN} $API_KEY API_KEY=$OTHER token="\${x}"`],
  ["source code", "const token = next(); if (password === input.password) tokens += maxTokens; let secret: string;"],
  ["typed fields", "accessToken: X509Token | undefined; apiKey?: string; TOKEN = 3"],
  ["numbers of tokens", "max_tokens=4096 TOTAL_TOKENS=128000 tokens: 1200"],
  ["a commit", "commit 9fceb02d0ae598e95dc970b74767f19372d61af8\nAuthor: Bob <bob@example.com>"],
  ["a uuid", "id=3f2504e0-4f89-11d3-9a0c-0305e82c3301"],
  [
    "a lock file",
    `"integrity": "sha512-9fceb02d0ae598e95dc970b74767f19372d61af89fceb02d0ae598e95dc970b74767f19372d61af8=="`,
  ],
  ["a dependency", `"parse-passwd": "^1.0.0"`],
  ["an ssh address", "git clone git@github.com:bob/repo.git ssh://git@host/x https://host:8080/@scope/x"],
  ["a public key", "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----"],
  ["talk about keys", "The API key: ask for it. Set your password: it must be long. Token usage: high."],
];

describe("redaction", () => {
  it.each(secrets)("masks %s", (_, text, secret) => {
    expect(redact(text)).not.toContain(secret);
  });

  it.each(harmless)("leaves %s as it is", (_, text) => {
    expect(redact(text)).toBe(text);
  });

  it("knows the tokens of more services than Hermes", () => {
    expect(tokenPrefixes.length).toBeGreaterThanOrEqual(56);
  });

  it("keeps the first 6 and the last 4 characters of a long secret, and nothing of a short one", () => {
    expect(redact(`KEY ${github}`)).toBe(`KEY ${github.slice(0, 6)}…${github.slice(-4)}`);
    expect(redact("DB_PASSWORD=12345678901234567")).toBe("DB_PASSWORD=***");
  });

  it("leaves the sources of this project and of its lock file as they are", () => {
    const files = globSync("{core,functions,stacks,cli,scripts}/**/*.ts").concat("package-lock.json");
    const changed = files.filter((file) => {
      const text = readFileSync(file, "utf8");
      return redact(text) !== text;
    });
    expect(files.length).toBeGreaterThan(50);
    expect(changed).toEqual([]);
  });

  it("leaves images, hashes and ids as they are", () => {
    // The same bytes each time: among enough random ones anything can be found.
    const noise = Buffer.concat(
      Array.from({ length: 3_000 }, (_, at) => createHash("sha512").update(String(at)).digest()),
    );
    const image = `data:image/png;base64,${noise.toString("base64")}`;
    const hashes = Array.from({ length: 500 }, () => randomBytes(20).toString("hex")).join("\n");
    const ids = Array.from({ length: 500 }, () => crypto.randomUUID()).join(" ");
    for (const text of [image, hashes, ids]) expect(redact(text)).toBe(text);
  });

  const pieces = fc.constantFrom(
    ...secrets.map(([, text]) => text),
    ...harmless.map(([, text]) => text),
    "=",
    "&",
    "\n",
    '"',
    "\\",
    ":",
    "://a:",
    "@",
    "token=",
    "Authorization: ",
    "\0",
    "\u200b",
    "…",
    "***",
    " ",
  );

  it("changes nothing more the second time", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 8 }), (parts) => {
        const once = redact(parts.join(""));
        expect(redact(once)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });

  it("leaves what stands between secrets where it was", () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word), fc.array(word), (before, after) => {
        const [start, end] = [before.join(" "), after.join(" ")];
        expect(redact(`${start} ${github} ${end}`)).toBe(`${start} ${github.slice(0, 6)}…${github.slice(-4)} ${end}`);
      }),
    );
  });

  it("ends on megabytes of what is worst for its patterns", () => {
    const worst = [
      "a",
      "password=",
      `password='password="`,
      "-----BEGIN PRIVATE KEY-----",
      "://a:",
      "\u001b[",
      'token=\\"',
    ];
    worst.push("eyJaaaaaaaa.", "cookie: a=b;", "--token ", "authorization: ", " ", "&sig=", "xoxb-", "pypi-");
    for (const unit of worst) expect(redact(unit.repeat(Math.ceil(1_000_000 / unit.length)))).not.toBe("");
    expect(redact(`-----BEGIN PRIVATE KEY-----${"a-".repeat(2_500_000)}`)).not.toBe("");
  }, 120_000);
});
