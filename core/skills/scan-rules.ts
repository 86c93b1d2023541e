import { tokenPrefixes } from "../guard/token-prefixes.ts";

/** What is suspicious in the files of a skill. A dangerous finding is never imported; a cautious one by trusted sources alone. */
export const families = [
  "exfiltration",
  "injection",
  "destruction",
  "persistence",
  "network",
  "obfuscation",
  "execution",
  "traversal",
  "mining",
  "supply chain",
  "privileges",
  "credentials",
] as const;

export interface ScanRule {
  family: (typeof families)[number];
  isDangerous: boolean;
  /** Completes "looks like …". */
  what: string;
  pattern: RegExp;
}

const secretName = String.raw`\w*(?:KEY|TOKEN|SECRET|PASSW(?:OR)?D|CREDENTIAL)\w*`;

const dangerous = (family: ScanRule["family"], what: string, pattern: RegExp): ScanRule => ({
  family,
  what,
  pattern,
  isDangerous: true,
});
const doubtful = (family: ScanRule["family"], what: string, pattern: RegExp): ScanRule => ({
  family,
  what,
  pattern,
  isDangerous: false,
});

/** Of these services an example in a document is as rare as a key is costly. */
const isAccessKey = (service: string): boolean => /^(?:OpenAI|Anthropic|AWS key|GitHub|GitLab|Slack)/.test(service);

/** Tokens as the redaction knows them. */
const tokenOf = (isMeant: (service: string) => boolean): RegExp => {
  const patterns = tokenPrefixes.filter(([service]) => isMeant(service)).map(([, pattern]) => pattern);
  return new RegExp(`(?<![A-Za-z0-9_-])(?:${patterns.join("|")})`);
};

/** Each pattern is bounded within a line, so that a long file costs time by its length alone. */
export const scanRules: readonly ScanRule[] = [
  dangerous(
    "exfiltration",
    "a secret sent away",
    new RegExp(
      String.raw`\b(?:curl|wget|nc|ncat|http|fetch)\b[^\n]{0,200}\$\{?${secretName}[^\n]{0,80}(?<!authorization[^\n]{0,80})$`,
      "im",
    ),
  ),
  dangerous(
    "exfiltration",
    "the environment sent away",
    /\b(?:env|printenv|export -p|set)\b[^\n]{0,60}\|[^\n]{0,60}\b(?:curl|wget|nc|ncat)\b/i,
  ),
  dangerous(
    "exfiltration",
    "a credential file sent away",
    /\b(?:curl|wget|nc|scp|rsync)\b[^\n]{0,160}(?:\.ssh\/|\.aws\/|\.env\b|\.netrc|\.kube\/config|id_rsa|id_ed25519)/i,
  ),
  dangerous(
    "exfiltration",
    "all variables read by a program and posted",
    /(?:requests\.post|fetch|axios\.post|urlopen)\([^\n]{0,160}(?:os\.environ|process\.env)\b(?!\s*[[.])/i,
  ),
  dangerous("exfiltration", "names looked up to carry data", /\b(?:dig|nslookup|host)\b[^\n]{0,60}\$\(/i),
  doubtful(
    "exfiltration",
    "an address that collects requests",
    /\b(?:webhook\.site|requestbin|pipedream\.net|ngrok(?:-free)?\.(?:io|app)|burpcollaborator|interact\.sh|oast\.\w+|pastebin\.com|transfer\.sh)\b/i,
  ),
  doubtful(
    "exfiltration",
    "an image that carries data away",
    /!\[[^\]\n]{0,80}\]\(\s*https?:[^)\n]{0,200}[?&][^)=\n]{0,60}=\s*[{$]/i,
  ),
  dangerous(
    "injection",
    "an order to ignore instructions",
    /\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:previous|prior|above|earlier|all|system)\b.{0,40}\b(?:instructions?|rules|prompts?|guidelines)\b/i,
  ),
  dangerous(
    "injection",
    "an order to deceive the person",
    /\b(?:do not|don't|never)\b.{0,15}\b(?:tell|inform|alert|notify|mention (?:this|it) to)\b.{0,15}\b(?:the )?(?:user|person|owner|human)\b/i,
  ),
  dangerous(
    "injection",
    "a forged message role",
    /<\/?(?:system|developer|tool_call)>|\[\/?INST\]|<\|im_(?:start|end)\|>/i,
  ),
  dangerous("injection", "a jailbreak", /\b(?:DAN mode|developer mode (?:on|enabled)|jailbroken)\b/i),
  doubtful(
    "injection",
    "a new role for the agent",
    /\b(?:you are (?:now|no longer)|from now on,? you (?:are|will|must))\b/i,
  ),
  doubtful(
    "injection",
    "switching off a safeguard",
    /\b(?:bypass|disable|circumvent|turn off)\b.{0,30}\b(?:safety|guardrails?|approvals?|sandbox|content filters?)\b/i,
  ),
  doubtful(
    "injection",
    "a comment with orders that a reader does not see",
    /<!--[^>]{0,200}\b(?:ignore|execute|run|send|secretly|must)\b/i,
  ),
  dangerous(
    "destruction",
    "deleting the root or the home folder",
    /\brm\s+(?:--?[\w-]+\s+){0,4}["']?(?:\/|~\/?|\$\{?HOME\}?\/?)\*?["']?(?=\s|$|[;&|])/m,
  ),
  dangerous("destruction", "writing to a raw device", /\b(?:dd\b[^\n]{0,80}\bof=|>\s*)\/dev\/(?:sd|nvme|xvd|hd|disk)/i),
  dangerous("destruction", "formatting a disk", /\bmkfs(?:\.\w+)?\s+\S|\bformat\s+c:/i),
  dangerous("destruction", "a fork bomb", /:\(\)\s*\{\s*:\s*\|\s*:\s*&\s*\}/),
  doubtful("destruction", "dropping a database", /\b(?:DROP\s+(?:DATABASE|SCHEMA)|TRUNCATE\s+TABLE)\b/i),
  doubtful(
    "destruction",
    "rewriting history by force",
    /\bgit\s+push\b[^\n]{0,60}(?:--force\b(?!-with-lease)|\s-f\b)/i,
  ),
  doubtful("destruction", "shredding files", /\b(?:shred|wipe)\s+-/i),
  dangerous("persistence", "a back door for SSH", /\bauthorized_keys\b/i),
  dangerous(
    "persistence",
    "a change of the shell's start files",
    /(?:>>|tee\s+-a)\s*["']?(?:~|\$HOME)?\/?\.?(?:bashrc|zshrc|profile|bash_profile|zprofile)\b/i,
  ),
  doubtful("persistence", "a job in the crontab", /\bcrontab\s+(?:-\s*$|-[^lr\s]|[^-\s])|\/etc\/cron\./im),
  doubtful(
    "persistence",
    "a service of the system",
    /\bsystemctl\s+(?:enable|start)\b|\/etc\/systemd\/|\bLaunchAgents\b|\bschtasks\b/i,
  ),
  doubtful(
    "persistence",
    "a change of the agent's own instructions",
    /(?:>>?|tee|write_file|sed\s+-i)[^\n]{0,80}\b(?:SOUL|AGENTS|CLAUDE|MEMORY)\.md\b/,
  ),
  dangerous(
    "network",
    "a shell handed to another machine",
    /\/dev\/(?:tcp|udp)\/|\b(?:nc|ncat|netcat)\b[^\n]{0,60}\s-[a-z]*[ec]\b|\bbash\s+-i\s*>&/i,
  ),
  doubtful("network", "a listener", /\b(?:nc|ncat|netcat)\b[^\n]{0,40}\s-[a-z]*l|\bsocat\b[^\n]{0,80}LISTEN/i),
  doubtful(
    "network",
    "an address of the cloud's metadata",
    /\b169\.254\.169\.254\b|\b169\.254\.170\.2\b|metadata\.google\.internal|fd00:ec2::254/i,
  ),
  doubtful("network", "a bare address", /\bhttps?:\/\/(?!127\.|10\.|192\.168\.|0\.0\.0\.0)\d{1,3}(?:\.\d{1,3}){3}\b/i),
  dangerous(
    "obfuscation",
    "a hidden program",
    /\bbase64\b[^\n]{0,40}(?:-d\b|-D\b|--decode)[^\n]{0,80}\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b|\bxxd\s+-r[^\n]{0,80}\|\s*(?:ba|z|da)?sh\b/i,
  ),
  dangerous(
    "obfuscation",
    "a decoded text that is run",
    /\b(?:eval|exec|Function)\s*\(\s*(?:atob|base64\.b64decode|Buffer\.from|bytes\.fromhex|zlib\.decompress|codecs\.decode)\b/i,
  ),
  doubtful("obfuscation", "a long encoded text", /(?:^|[^A-Za-z0-9+/])[A-Za-z0-9+/]{400,}={0,2}(?:$|[^A-Za-z0-9+/])/m),
  doubtful("obfuscation", "text in escapes", /(?:\\x[0-9a-f]{2}){24,}|(?:\\u[0-9a-f]{4}){16,}/i),
  dangerous(
    "execution",
    "a program from the network",
    /\b(?:curl|wget)\b[^\n]{0,200}\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b|\b(?:ba|z)?sh\s+(?:-c\s+)?["']?[<$]\(\s*(?:curl|wget)\b|\biex\s*\(?[^\n]{0,40}DownloadString/i,
  ),
  doubtful(
    "execution",
    "a text that is run as a program",
    /\b(?:eval|exec)\s*\(\s*(?:input|request|argv|sys\.argv)|\bos\.system\s*\(\s*(?:f["']|[^"'\n]*\+)|shell\s*=\s*True/i,
  ),
  doubtful(
    "execution",
    "a program from the network as Python or Node",
    /\b(?:curl|wget)\b[^\n]{0,200}\|\s*(?:sudo\s+)?(?:python3?|node|perl|ruby)\b/i,
  ),
  dangerous("traversal", "a way out of the folder to system files", /(?:\.\.\/){3}(?:etc|root|home|proc|var)\b/i),
  doubtful(
    "traversal",
    "reading the system's accounts",
    /\/etc\/(?:passwd|shadow|sudoers)\b|\/proc\/(?:self|\d+)\/environ\b/i,
  ),
  dangerous("mining", "mining of coins", /\b(?:xmrig|minerd|cpuminer|ethminer|stratum\+tcp|cryptonight|nicehash)\b/i),
  doubtful(
    "supply chain",
    "a package from an address",
    /\b(?:pip3?|uv pip)\s+install\b[^\n]{0,80}(?:git\+https?:|https?:\/\/)|\b(?:npm|pnpm|yarn)\s+(?:i|install|add)\b[^\n]{0,80}(?:git\+|https?:\/\/)/i,
  ),
  doubtful(
    "supply chain",
    "another index of packages",
    /--(?:extra-)?index-url\b|--registry[= ]|\bnpm\s+config\s+set\s+registry\b/i,
  ),
  doubtful(
    "supply chain",
    "a check switched off",
    /\bcurl\b[^\n]{0,120}\s(?:-k|--insecure)\b|--no-check-certificate\b|strict-ssl\s+false|NODE_TLS_REJECT_UNAUTHORIZED\s*=\s*["']?0/i,
  ),
  dangerous(
    "privileges",
    "a right for everybody to become root",
    /\bNOPASSWD\s*:\s*ALL\b|\bchmod\s+(?:\+s|u\+s|[24]7\d\d)\b/i,
  ),
  doubtful("privileges", "commands as root", /(?:^|[\s;&|`])sudo\s+(?!-n true)\S/m),
  doubtful("privileges", "rights for everybody", /\bchmod\s+(?:-R\s+)?0?777\b/i),
  doubtful("privileges", "a privileged container", /\bdocker\s+run\b[^\n]{0,120}--privileged\b|docker\.sock\b/i),
  dangerous("credentials", "a private key", /-----BEGIN (?:RSA |EC |OPENSSH |DSA )?PRIVATE KEY-----/),
  dangerous("credentials", "a real access key", tokenOf(isAccessKey)),
  doubtful(
    "credentials",
    "a token of a known service",
    tokenOf((service) => !isAccessKey(service)),
  ),
  doubtful(
    "credentials",
    "reading credential files",
    /\b(?:cat|less|head|tail|base64|cp|tar|open\()\b[^\n]{0,80}(?:\.ssh\/|\.aws\/credentials|\.netrc\b|\.pgpass\b|id_(?:rsa|ed25519)\b|\.kube\/config)/i,
  ),
  doubtful(
    "credentials",
    "asking for a secret in the chat",
    /\bask\b.{0,30}\b(?:user|person|them)\b.{0,40}\b(?:for (?:their|the|an?) )?(?:password|api key|secret|token)\b/i,
  ),
];
