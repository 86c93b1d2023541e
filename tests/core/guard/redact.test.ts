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
  ["an ElevenLabs key", `sk_${hex(48)}`, hex(48)],
  ["a Fernet text", `gAAAAAB${body(93)}==`, body(80)],
  ["an AgentMail key", `am_${body(32)}`, body(32)],
  ["an AgentMail key with a region", `am_us_${body(32)}`, body(32)],
  ["a Hindsight key", `hsk-${body(32)}`, body(32)],
  ["a RetainDB key", `retaindb_${body(32)}`, body(32)],
  ["a Mem0 key", `mem0_${body(32)}`, body(32)],
  ["a ByteRover key", `brv_${body(32)}`, body(32)],
  ["a Tailscale key", `tskey-auth-k${body(12)}CNTRL-${body(32)}`, body(32)],
  ["a bearer header for a proxy", `Proxy-Authorization: Bearer ${body(30)}`, body(30)],
  ["a basic header for a proxy", "proxy-authorization: Basic dXNlcjpwYXNzdzByZA==", "dXNlcjpwYXNzdzByZA"],
  ["a line of netrc", "machine h.example login bob password swordfish", "swordfish"],
  ["a file of netrc", "machine h.example\n  login bob\n  account x\n  password swordfish\n", "swordfish"],
  ["netrc without a login", "machine h.example password swordfish\n", "swordfish"],
  ["netrc's default", "default login bob password swordfish", "swordfish"],
  ["netrc in JSON", `{"output": "machine h.example\\n\\tlogin bob\\n\\tpassword swordfish\\n"}`, "swordfish"],
  ["npmrc's _auth", "_auth=Ym9iOnN3b3JkZmlzaA==", "Ym9iOnN3b3JkZmlzaA"],
  ["npmrc's _auth of a registry", "//h.example/:_auth=swordfish", "swordfish"],
  ["npmrc's _authToken of a registry", "//h.example/:_authToken=swordfish", "swordfish"],
  ["npmrc's _password", "//h.example/:_password = c3dvcmRmaXNo", "c3dvcmRmaXNo"],
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
  [
    "names that begin like tokens",
    "am_i_here sk_learn sk_model_selection_2 mem0_client retaindb_connection brv_x hsk-test tskey-auth gAAAA am_us_1 " +
      "sk_learn_preprocessing_v2 retaindb_migration_0042_add_index mem0_config_2024",
  ],
  ["talk about netrc", "The machine has password protection; the default password is long. login and password reset"],
  [
    "code with npm's names",
    "self._auth = auth_value; f(_auth=auth, _password=secret_name); //r/:_authToken=${NPM_TOKEN}",
  ],
  ["a header's name", "Proxy-Authorization: required; proxy-authorization: ${AUTH}"],
  ["talk about keys", "The API key: ask for it. Set your password: it must be long. Token usage: high."],
];

/** Values that look like any word: where they stand tells them from variables, types and sentences. */
const plainNames = ["password", "passwd", "pwd", "secret", "token", "api_key", "apiKey", "client-secret"];
const plainValues = ["swordfish", "hunter2", "correct-horse"];
const plainForms: readonly ((name: string, value: string) => string)[] = [
  (name, value) => `HOST=a\n${name}=${value}\nPORT=1`,
  (name, value) => `export ${name}=${value}`,
  (name, value) => `docker run -e ${name}=${value} image`,
  (name, value) => `host=db user=bob ${name}=${value} dbname=x`,
  (name, value) => `curl -d '${name}=${value}' https://h.example`,
  (name, value) => `db:\n  user: bob\n  ${name}: ${value}\n  port: 1`,
  (name, value) => `- ${name}: ${value} # of the test server`,
  (name, value) => `${name}: "${value}"`,
  (name, value) => `config/app.yml:12:  ${name}: ${value}`,
  (name, value) => `+${name}: ${value}`,
  (name, value) => `[client]\nuser = bob\n${name} = ${value}\n`,
  (name, value) => `{"user":"bob","${name}":"${value}"}`,
  (name, value) => `{ "${name}": "${value}", "x": 1 }`,
  (name, value) => `{"output": "user: bob\\n${name}: ${value}\\n"}`,
  (name, value) => `{"output": "user=bob\\n${name}=${value}\\n"}`,
  (name, value) => `https://h.example/x?${name}=${value}`,
  (name, value) => `https://h.example/x?a=b&${name}=${value}&c=d`,
  (name, value) => `tool --${name}=${value} x`,
  (name, value) => `tool --${name} ${value} x`,
  (name, value) => `tool --${name} '${value}'`,
];

const plainSecrets: [what: string, text: string, secret: string][] = [
  ["a number as a password", "password=12345678\n", "12345678"],
  ["a number as a password in JSON", `{"password": 12345678}`, "12345678"],
  ["a password for one command", "PGPASSWORD=swordfish psql -h db", "swordfish"],
  ["the address of a database of Windows", "Server=db;Uid=sa;Pwd=swordfish;", "swordfish"],
  ["an attached option of mysql", "mysql -uroot -pswordfish db", "swordfish"],
  ["an attached option in quotes", "/usr/bin/mysqldump -u root -p'sword fish' db > x.sql", "sword fish"],
  ["an attached option within JSON", `{"command": "sudo mysqladmin -u root -pswordfish"}`, "swordfish"],
  ["a long option of mysql", "mysql --password swordfish db", "swordfish"],
  ["an option of mariadb", "mariadb-dump --all-databases -pswordfish", "swordfish"],
  ["a user of curl", "curl -u bob:swordfish https://h.example", "swordfish"],
  ["a user of curl after an address", "curl 'https://h.example?a=1&b=2' -sSu \"bob:swordfish\"", "swordfish"],
  ["a user of curl in a long option", "curl --user bob:swordfish https://h.example", "swordfish"],
  ["a user of curl behind a proxy", "curl --proxy-user=bob:swordfish https://h.example", "swordfish"],
  ["a user of curl over two lines", "curl -s \\\n  -u 'bob:swordfish' \\\n  https://h.example", "swordfish"],
  ["sshpass", "sshpass -p swordfish ssh bob@h.example", "swordfish"],
  ["sshpass, attached", "sshpass -p'swordfish' ssh bob@h.example", "swordfish"],
  ["sshpass around another command with a password", "sshpass -p swordfish mysql -ptunafish", "swordfish"],
  ["another command behind sshpass", "sshpass -p swordfish mysql -ptunafish", "tunafish"],
  ["redis-cli", "redis-cli -h cache -a swordfish ping", "swordfish"],
  ["a login of docker", "docker login -u bob -p swordfish registry.example", "swordfish"],
  ["the end of a private key", `…\n${body(64)}\n${body(20)}=\n-----END RSA PRIVATE KEY-----\n`, body(16)],
  ["the last line of a private key", `${body(64)}\nQ0w=\n-----END EC PRIVATE KEY-----`, "Q0w="],
  ["a cut line of a private key", `Zz9\n${body(64)}\n-----END PRIVATE KEY-----`, "Zz9"],
  ["the end of a private key in JSON", `{"key": "${body(64)}\\n${body(40)}\\n-----END PRIVATE KEY-----\\n"}`, body(16)],
  ["the end of a private key in numbered lines", `  3|${body(64)}\n  4|-----END OPENSSH PRIVATE KEY-----`, body(16)],
  ["the end of a key block", `${body(64)}\n=a1B2\n-----END PGP PRIVATE KEY BLOCK-----`, "=a1B2"],
];

const plainHarmless: [what: string, text: string][] = [
  ["a sentence about passwords", "The password is wrong. Use a new password and token, or no secret. token count=5"],
  ["what is said of a secret", "Password: incorrect\ntoken: expired\nsecret=missing\napi_key: required\n"],
  ["a prompt", "Password: \nLogin incorrect\n[sudo] password for bob: "],
  ["variables of shells", 'password=$DB_PASS token="$(get)" pwd=$PWD secret=${S} curl -u $U:$P mysql -p$P'],
  ["a template of a workflow", "password: ${{ secrets.X }}\ntoken: {{ token }}\npermissions:\n  id-token: write\n"],
  ["a call", "password = getpass()\ntoken = next(tokens)\nsecret = os.urandom(8)"],
  ["JSON without a secret", `{"password": null, "secret": true, "token": "", "pwd": false, "api_key": "string"}`],
  ["fields of types", "password: string\n  token: Token;\n  secret?: Foo\n  apiKey: SecretStr\n  token: ID!\n"],
  ["arguments of a call", "connect(user=user, password=pw, token=tok)\nf(\n    a,\n    password=word\n)"],
  ["properties", "{ token: next, secret: value }\nx = {\n  a,\n  token: next\n}\n"],
  ["variables", "token = next\nsecret = value\npassword = user.password\ntoken: request.token\nif (token==next) x"],
  ["variables named after what they hold", "password=new_password token=access_token\nsecret: db_password\n"],
  ["kinds of tokens", `const comma = { token: "comma" }; token = "keyword"; authorization: "iam"`],
  ["where somebody is", "PWD=/home/bob\nOLDPWD=/tmp\npwd=~/x\n"],
  [
    "a manual's options",
    "--password to set it, --token or --api-key; --token TOKEN --secret <secret> --password string",
  ],
  ["an option that says yes", "psql --no-password orders; createuser --prompt-password bob"],
  ["mysql that asks", "mysql -u root -p orders\nmysql -p\n"],
  [
    "other commands' -p and -u",
    "mkdir -p/a; cp -pr a b; docker run -p 80:80 x; ssh -p 22 h; sort -u a:b; mysqld -port",
  ],
  ["curl with a user only", "curl -u bob --user-agent foo:bar/1 -o x:y https://h.example"],
  ["sshpass without a password", "sshpass -e ssh h; sshpass -f file ssh h; sshpass -p $P ssh h"],
  ["the end of a public key", `${body(64)}\n-----END PUBLIC KEY-----\n${body(64)}\n-----END CERTIFICATE-----`],
  ["talk about the end of a key", "It ends with this line:\n-----END RSA PRIVATE KEY-----\n"],
];

describe("redaction of plain words", () => {
  it.each(plainForms.map((form) => [form("NAME", "VALUE"), form] as const))("masks values in %j", (_, form) => {
    const texts = plainNames.flatMap((name) => plainValues.map((value) => ({ text: form(name, value), value })));
    expect(texts.filter(({ text, value }) => redact(text).includes(value))).toEqual([]);
  });

  it.each(plainSecrets)("masks %s", (_, text, secret) => {
    expect(redact(text)).not.toContain(secret);
  });

  it.each(plainHarmless)("leaves %s as it is", (_, text) => {
    expect(redact(text)).toBe(text);
  });

  it("keeps all that is not the password", () => {
    expect(redact("mysql -uroot -p'swordfish' db")).toBe("mysql -uroot -p'***' db");
    expect(redact("curl -u bob:swordfish x")).toBe("curl -u bob:*** x");
    expect(redact(`a\n${body(64)}\nQ0w=\n-----END PRIVATE KEY-----`)).toBe("a\n***\n-----END PRIVATE KEY-----");
  });
});

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
    ...[...secrets, ...plainSecrets].map(([, text]) => text),
    ...[...harmless, ...plainHarmless].map(([, text]) => text),
    ...plainForms.map((form) => form("token", "swordfish")),
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

  it.each([
    ["commands within quotation marks that none of them closes", 'curl \\""'],
    ["white space before the end of a key", `${" ".repeat(32_000)}!-----END PRIVATE KEY-----`],
  ])(
    "reads %s once, not once for each of them",
    (_, unit) => {
      expect(redact(unit.repeat(Math.ceil(1_000_000 / unit.length)))).not.toBe("");
    },
    20_000,
  );

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
    worst.push('curl "', "mysql ", "mysql -p", "sshpass -p 'a", "curl \\\n", `${"\n".repeat(200)}token=aaa`);
    worst.push("token: aaa\n", "pwd = aaa1\n", "[a] ", `${body(64)}\n`, "-----END PRIVATE KEY-----", "a\\n");
    worst.push("machine a login b ", "machine ", "default login a ", "_auth=", "am_us_", "tskey-a-", "gAAAA");
    for (const unit of worst) expect(redact(unit.repeat(Math.ceil(1_000_000 / unit.length)))).not.toBe("");
    expect(redact(`-----BEGIN PRIVATE KEY-----${"a-".repeat(2_500_000)}`)).not.toBe("");
  }, 120_000);
});
