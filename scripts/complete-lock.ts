/**
 * Adds to package-lock.json the optional packages of other platforms that npm left out. It leaves out what it cannot see
 * when it writes the lock (npm/cli issue 4828), and `npm ci` then refuses the lock on every other machine. Run it after
 * `npm install`; `--check` only compares.
 */
import { readFileSync, writeFileSync } from "node:fs";

interface LockedPackage {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const path = "package-lock.json";
const lock = JSON.parse(readFileSync(path, "utf8")) as { packages: Record<string, LockedPackage> };

const systems = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"];
const processors = ["arm64", "arm", "ia32", "loong64", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

/** The platform that a binary package is for, as its name says: `binding-linux-arm64-musl`. */
function platformOf(name: string): Pick<LockedPackage, "os" | "cpu" | "libc"> {
  const words = name.split(/[/-]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  const libc = words.some((word) => word.startsWith("musl"))
    ? "musl"
    : words.some((word) => word.startsWith("gnu"))
      ? "glibc"
      : undefined;
  return { ...(cpu && { cpu: [cpu] }), ...(libc && os === "linux" && { libc: [libc] }), ...(os && { os: [os] }) };
}

const missing = Object.values(lock.packages).flatMap(({ optionalDependencies, dev }) =>
  Object.entries(optionalDependencies ?? {})
    .filter(([name, version]) => /^\d/.test(version) && !(`node_modules/${name}` in lock.packages))
    .map(([name, version]): [string, LockedPackage] => [
      `node_modules/${name}`,
      { version, ...platformOf(name), ...(dev && { dev }), optional: true },
    ]),
);

if (missing.length > 0 && process.argv.includes("--check")) {
  console.error(`${path} lacks ${missing.length} optional packages of other platforms: run npm run lock`);
  process.exitCode = 1;
} else if (missing.length > 0) {
  const { "": root, ...packages } = { ...lock.packages, ...Object.fromEntries(missing) };
  const sorted = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1));
  const completed = { ...lock, packages: { ...(root && { "": root }), ...Object.fromEntries(sorted) } };
  writeFileSync(path, `${JSON.stringify(completed, null, 2)}\n`);
  console.log(`${path}: added ${missing.length} optional packages of other platforms`);
}
