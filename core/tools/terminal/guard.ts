/** Reasons not to start a command at all: it would outlive its call, or never end. */

const tryOut =
  "To try a server, start it, use it and stop it in one command, for example " +
  "`timeout 20 npm start & sleep 3; curl -s localhost:3000`.";

const advice = (hasBackground: boolean) =>
  hasBackground
    ? `Nothing outlives its command here, unless it is started with background: true. ${tryOut}`
    : `Nothing outlives its command here: all processes are ended when the command ends. Run it in the foreground. ${tryOut}`;

/** Programs that serve or watch until somebody stops them, as the first words of a command. */
const servers: readonly RegExp[] = [
  /^(npm|pnpm|yarn|bun)\s+(run\s+)?(start|dev|serve|watch|preview)\b/,
  /^(npx\s+)?(vite|next|nuxt|astro|remix)(\s+(dev|start|serve|preview))?\s*(-|$)/,
  /^(npx\s+)?(nodemon|http-server|live-server|webpack-dev-server|json-server)\b/,
  /^python[\d.]*\s+-m\s+(http\.server|flask\s+run|uvicorn)\b/,
  /^python[\d.]*\s+\S*manage\.py\s+runserver\b/,
  /^(uvicorn|gunicorn|hypercorn|daphne|nginx|redis-server|postgres|mongod|caddy\s+run)\b/,
  /^(flask\s+run|rails\s+(s|server)|php\s+-S|ruby\s+-run|jekyll\s+serve|hugo\s+server)\b/,
  /^docker[\s-]compose\s+up(?!.*\s(-d|--detach)\b)/,
  /^(tail\s+(-\w*f|-F|--follow)|watch|journalctl\s+-f)\b/,
];

/** Why this command is not run, with what to do instead; `undefined` when it may run. */
export function refusalOf(command: string, hasBackground: boolean, isBackground = false): string | undefined {
  const bare = withoutLiterals(command).trim();
  const no = isBackground ? "It is in the background already: leave that out." : advice(hasBackground);
  if (/(^|[\s;&|(])(nohup|setsid|disown)(\s|$)/.test(bare)) return `nohup, setsid and disown do not work. ${no}`;
  if (/(^|[^&>])&$/.test(bare)) return `A trailing & does not work. ${no}`;
  if (isBackground) return undefined;
  const server = foregroundCommands(bare).find((part) => servers.some((pattern) => pattern.test(part)));
  return server === undefined ? undefined : `\`${server}\` does not end by itself. ${no}`;
}

/** Without quoted text, comments and here-documents, in which a word means nothing. */
const withoutLiterals = (command: string): string =>
  command
    .replaceAll(/<<-?\s*(['"]?)(\w+)\1[^\n]*\n[\s\S]*?\n\s*\2(?=\n|$)/g, "\n")
    .replaceAll(/'[^']*'|"(\\.|[^"\\])*"/g, "_")
    .replaceAll(/(^|\s)#[^\n]*/g, "$1");

/** The simple commands that are waited for, without assignments before them; one that asks only for help ends. */
const foregroundCommands = (bare: string): string[] =>
  bare
    .split(/&&|\|\||[;|\n(]/)
    .filter((part) => !part.includes("&") && !/\s(--help|--version|-h)\b/.test(part))
    .map((part) => part.trim().replace(/^(\w+=\S*\s+)*/, ""));
