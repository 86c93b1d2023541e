/** In a sandbox, most programs can use a proxy on a port of its loopback and none on a socket: this leads from one to the other. */

/** Where the sandbox sees the sockets of proxies (egress-proxy.ts), and the program that runs this: our own Node. */
export const insideNetwork = "/run/talaria/network";
const insideNode = "/run/talaria/node";
const port = 3128;

/**
 * Takes the first socket that answers, anew for each connection. It closes its output once it listens, which is what its
 * starter waits for (Node wants something open in its place), and ends when it is the only process left: a sandbox is there until the last one has ended.
 */
const program = `
const fs = require("node:fs"), net = require("node:net");
const open = (inner, names) => {
  const name = names.pop();
  if (name === undefined) return inner.destroy();
  const outer = net.connect({ path: "${insideNetwork}/" + name, allowHalfOpen: true });
  const next = () => open(inner, names);
  outer.once("error", next);
  outer.once("connect", () => {
    outer.off("error", next).on("error", () => inner.destroy());
    inner.once("close", () => outer.destroy());
    inner.pipe(outer).pipe(inner);
  });
};
const server = net.createServer({ allowHalfOpen: true }, (inner) => {
  inner.on("error", () => inner.destroy());
  open(inner, fs.readdirSync("${insideNetwork}"));
});
server.listen(${port}, "127.0.0.1", () => {
  fs.closeSync(1);
  fs.openSync("/dev/null", "w");
});
const others = () => fs.readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name) && name !== "1" && Number(name) !== process.pid);
setInterval(() => others().length > 0 || process.exit(), 1000);
`;

/** What a sandbox must see besides. */
export const forwarderMounts = (folder: string): string[][] => [
  ["--ro-bind", process.execPath, insideNode],
  ["--ro-bind", folder, insideNetwork],
];

/**
 * Starts it, as no child of the script's: one that waits for all of its children must not wait for this. Few threads and
 * little memory, since every script that runs has one.
 */
export const startForwarder = `: "$(${insideNode} --v8-pool-size=0 --max-old-space-size=64 -e '${program}' </dev/null 3<&- 4>&- &)"`;

const address = `http://127.0.0.1:${port}`;
const proxyNames = ["http_proxy", "https_proxy", "all_proxy"];

/** By these most programs find a proxy, Node's own client only when told so. */
export const proxyEnvironment: Readonly<Record<string, string>> = {
  ...Object.fromEntries(proxyNames.flatMap((name) => [name, name.toUpperCase()]).map((name) => [name, address])),
  no_proxy: "localhost,127.0.0.1,::1",
  NO_PROXY: "localhost,127.0.0.1,::1",
  NODE_USE_ENV_PROXY: "1",
};

/** Prints `403` where a proxy can be reached. */
export const askForwarder = `
exec 5<>/dev/tcp/127.0.0.1/${port} && printf 'GET http://talaria.invalid/ HTTP/1.0\\r\\n\\r\\n' >&5
read -r _ status _ <&5; echo "$status"`;
