/** By what the engine and we know each other. */
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { messageOf, refused } from "../../base/errors.ts";
import type { Settings, SettingSpec } from "../../base/settings.ts";
import { pemOf } from "../pem.ts";

/** The files that the docker command has in `DOCKER_CERT_PATH`, as texts: a Lambda has no such folder. */
const texts = { ca: "DOCKER_TLS_CA", cert: "DOCKER_TLS_CERT", key: "DOCKER_TLS_KEY" };
type Part = keyof typeof texts;
const parts = Object.keys(texts) as Part[];

export const tlsNames = "DOCKER_TLS_CA, DOCKER_TLS_CERT and DOCKER_TLS_KEY";

const secretText = (part: Part, help: string): SettingSpec => ({
  name: texts[part],
  required: false,
  secret: true,
  help: `${help}: the text of ${part}.pem, on one line with \\n between its lines, or base64 of it.`,
});

export const tlsSettings: readonly SettingSpec[] = [
  secretText("ca", "For an engine over tcp with TLS, the certificate that its own is signed by"),
  secretText("cert", "Our certificate there, as a client"),
  secretText("key", "The key of DOCKER_TLS_CERT"),
  {
    name: "DOCKER_CERT_PATH",
    required: false,
    secret: false,
    help: "Folder with ca.pem, cert.pem and key.pem in place of these three, for npm start only: a Lambda has no such folder.",
  },
];

/** Throws a refusal when only some of the three texts are set: an engine without a client's certificate is everybody's. */
export function tlsSourceOf(settings: Settings): "texts" | "folder" | undefined {
  const missing = parts.map((part) => texts[part]).filter((name) => !settings[name]);
  if (missing.length === 0) return "texts";
  if (missing.length < parts.length) throw refused(`Set ${tlsNames} together; ${missing.join(" and ")} is missing.`);
  return settings["DOCKER_CERT_PATH"] ? "folder" : undefined;
}

/** Undefined when nothing is set. */
export async function certificatesOf(settings: Settings): Promise<Record<Part, string> | undefined> {
  const source = tlsSourceOf(settings);
  if (source === undefined) return undefined;
  const read = source === "texts" ? fromTexts(settings) : await fromFolder(settings["DOCKER_CERT_PATH"] ?? "");
  check(read);
  return read;
}

const fromTexts = (settings: Settings) => ({
  ca: pemOf(settings[texts.ca] ?? ""),
  cert: pemOf(settings[texts.cert] ?? ""),
  key: pemOf(settings[texts.key] ?? ""),
});

async function fromFolder(path: string): Promise<Record<Part, string>> {
  const read = (part: Part) => readFile(join(path, `${part}.pem`), "utf8");
  try {
    const [ca, cert, key] = await Promise.all([read("ca"), read("cert"), read("key")]);
    return { ca, cert, key };
  } catch (error) {
    throw refused(`DOCKER_CERT_PATH must be a folder with ca.pem, cert.pem and key.pem: ${messageOf(error)}`);
  }
}

/** What is no certificate would else be ignored, and show as an engine that nobody vouches for. */
function check({ ca, cert, key }: Record<Part, string>): void {
  for (const [name, text] of [
    ["DOCKER_TLS_CA (ca.pem)", ca],
    ["DOCKER_TLS_CERT (cert.pem)", cert],
  ] as const)
    if (!isCertificate(text)) throw refused(`${name} is not a certificate in PEM.`);
  try {
    createSecureContext({ ca, cert, key });
  } catch {
    // The library's reason could quote the key.
    throw refused("DOCKER_TLS_KEY (key.pem) is not the key of DOCKER_TLS_CERT (cert.pem), or it has a passphrase.");
  }
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).subject !== undefined;
  } catch {
    return false;
  }
}
