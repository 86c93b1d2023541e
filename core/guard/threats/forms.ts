/** Texts that do something by their form: forged marks, hidden text, commands. With the reason for each rule. */
import type { ThreatRule } from "./rule.ts";

const r = String.raw;

const secretName = r`\w*(?:KEY|TOKEN|SECRET|PASSW(?:OR)?D|CREDENTIAL)\w*`;
/** `.env` itself, and none of its examples. */
const secretFile = r`(?:\.env(?:\.(?:local|prod(?:uction)?))?(?![.\w])|\.ssh\/(?!config\b)|\.aws\/(?:credentials)?(?![\w.]*config)|\.netrc\b|\.pgpass\b|\.kube\/config|\.gnupg\b|id_(?:rsa|ed25519|ecdsa)\b(?!\.pub)|\/etc\/(?:shadow|sudoers|passwd)\b)`;
const startFile = r`(?:\.(?:bashrc|zshrc|profile|bash_profile|zprofile|zshenv|bash_login)|config\.fish|rc\.local)\b`;
const network = r`(?:curl|wget|ncat|netcat|nc|bash -i|\/dev\/tcp|base64|https?:)`;

export const forms: readonly ThreatRule[] = [
  {
    // Marks by which models tell who speaks.
    name: "a forged message role",
    words: "< [ : #",
    patterns: () => [
      /<\/?(?:system|assistant|developer|tool_call|tool_result|function_calls?|function_results?|instructions?|system-reminder|recalled-memory)\b[^>\n]{0,80}>/iu,
      /\[\/?(?:INST|SYS|SYSTEM)\]|<<\/?SYS>>|<\|[\w ]{2,30}\|>|<(?:start|end)_of_turn>/iu,
      /^\s*(?:#{1,4}\s*)?(?:system|assistant|developer|human|user)\s*:\s*(?:you|your|ignore|do|never|always|from now|new|please|execute|run|the (?:user|assistant))\b/imu,
      /^#{1,4}\s*(?:system|instructions?|developer)(?: prompt| message)?\s*:?\s*$/imu,
    ],
  },
  {
    // A call that nobody made.
    name: "a forged tool call",
    words: '{ " <',
    patterns: () => [
      /"tool_calls"\s*:|"(?:arguments|parameters|input)"\s*:[^\n]{0,200}"name"\s*:\s*"\w+"|"name"\s*:\s*"\w+"\s*,\s*"(?:arguments|parameters|input)"\s*:|<(?:\w{1,10}:)?(?:invoke|function)(?:=|\s+name=)/iu,
    ],
  },
  {
    // The headings of our own prompt.
    name: "a forged part of the prompt",
    words: "═ memory profile #",
    patterns: () => [
      /═{8,}|\bMEMORY \(your personal notes\)|\bUSER PROFILE \(who the user is\)/u,
      /^# (?:How you work|Your machine|This conversation)\s*$/mu,
    ],
  },
  {
    // Shown nowhere, read by the model.
    name: "a hidden comment",
    words: "<!-- ]: style",
    patterns: () => [
      /<!--[^\n]{0,400}?\b(?:ignore|you|agent|assistant|AI|model|system|instruct\w*|execute|run|send|secret\w*|must|always|never|curl|https?)\b/iu,
      /^\s*\[(?:\/\/|comment|_)\]:\s*(?:#|<>)\s*[("'].{0,200}\b(?:ignore|you|agent|assistant|AI|execute|run|send|must|always|never)\b/imu,
      /style\s*=\s*["'][^"'\n]{0,100}(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0|color\s*:\s*(?:white|#fff))/iu,
    ],
  },
  {
    // Loading it tells its owner what stands in the address.
    name: "an image that carries data away",
    words: "](",
    patterns: () => [
      /!\[[^\]]{0,200}\]\(\s*<?https?:[^)]{0,400}(?:[?&#][^)=]{0,60}=|\{|\$|%7B)/iu,
      /!\[[^\]]{0,200}\]\[[^\]]{0,60}\][^!]{0,400}\[[^\]]{0,60}\]:\s*https?:\S{0,200}[?{$]/iu,
      /\]\(\s*<?https?:[^)\s]{0,300}(?:\{\{?\w|\$\{|<\w)/iu,
    ],
  },
  {
    // Markup that loads or runs something where it is shown.
    name: "active markup",
    words: "<",
    patterns: () => [
      /<(?:script|iframe|object|embed)\b|<(?:img|link|video|audio|source|svg|body|form)\b[^>\n]{0,200}(?:https?:|\/\/|\bon\w+\s*=)/iu,
    ],
  },
  {
    // An address that is a program.
    name: "a program in an address",
    words: "javascript: data: vbscript:",
    patterns: () => [
      /\bjavascript:\s*\S|\bdata:(?:text\/html|application\/(?:x-)?(?:java|ecma)script)[;,]|\bvbscript:/iu,
    ],
  },
  {
    // The plainest theft.
    name: "sending a secret away",
    words: "curl wget ncat nc fetch http iwr webrequest post urlopen",
    patterns: () => [
      new RegExp(
        r`\b(?:curl|wget|ncat|nc|fetch|http|iwr|Invoke-WebRequest)\b[^\n]{0,200}(?:\$\{?${secretName}|\$\(|\x60[^\x60\n]{1,60}\x60)`,
        "iu",
      ),
      /\b(?:env|printenv|export -p)\b[^\n]{0,60}\|[^\n]{0,60}\b(?:curl|wget|ncat|nc)\b/iu,
      /(?:requests\.post|fetch|axios\.post|urlopen)\([^\n]{0,160}(?:os\.environ|process\.env)\b/iu,
    ],
  },
  {
    // The same with files.
    name: "sending credential files away",
    words: "curl wget ncat nc scp rsync sftp",
    patterns: () => [
      new RegExp(r`\b(?:curl|wget|ncat|nc|scp|rsync|sftp)\b[^\n]{0,160}${secretFile}`, "iu"),
      new RegExp(r`${secretFile}[^\n]{0,60}\|[^\n]{0,60}\b(?:curl|wget|ncat|nc)\b`, "iu"),
    ],
  },
  {
    // Whatever reads them says them.
    name: "reading credentials",
    words: ".env .ssh .aws .netrc .pgpass .kube .gnupg id_ /etc/ /proc/",
    patterns: () => [
      new RegExp(
        r`\b(?:cat|less|more|head|tail|base64|xxd|strings|tar|zip|type)\s+(?:-{1,2}\S+\s+|\S*[/~$]\S*\s+){0,4}\S{0,80}?${secretFile}`,
        "iu",
      ),
      new RegExp(r`\b(?:cp|mv)\s+(?:-\S+\s+)?\S{0,80}?(?:\.ssh\/|\.aws\/|id_(?:rsa|ed25519)\b(?!\.pub))`, "iu"),
      new RegExp(
        r`\b(?:read|open|print|show|dump|send|collect|include|paste|steal|harvest|exfiltrate|upload)\s+(?:(?:the|your|my|all|any|every|contents?|of|files?|in|from|out|private|keys?|and)\s+){0,5}[\x60"']?(?:~|\$HOME)?[\w/]{0,60}\/?${secretFile}`,
        "iu",
      ),
      /\/proc\/(?:self|\d+)\/environ\b/iu,
    ],
  },
  {
    // Opens the machine to somebody else; that a key is in there is a fact.
    name: "a back door for SSH",
    words: "authorized_keys",
    patterns: () => [
      /\b(?:add|append|write|put|echo|install|copy|insert|paste)\b[^\n]{0,160}\bauthorized_keys\b/iu,
      /(?:>>?|\btee\b[^\n]{0,10})\s*\S{0,60}authorized_keys\b/iu,
    ],
  },
  {
    // Runs with every shell that is opened.
    name: "a change of the shell's start files",
    words: "rc profile .zshenv .bash_login config.fish",
    patterns: () => [
      new RegExp(r`(?:>>?|\btee(?:\s+-a)?)\s*["']?\S{0,60}${startFile}`, "iu"),
      new RegExp(r`\b(?:add|append|write|put|insert)\b[^\n]{0,160}${startFile}[^\n]{0,80}${network}`, "iu"),
      new RegExp(r`\b(?:add|append|write|put|insert)\b[^\n]{0,80}${network}[^\n]{0,80}${startFile}`, "iu"),
    ],
  },
  {
    // Comes back by itself.
    name: "a job that comes back",
    words: "cron reboot systemd launchagent schtasks",
    patterns: () => [
      /\|\s*crontab\b|\bcrontab\s+-(?:\s|$)|@reboot\s+\S|(?:>>?|\btee(?:\s+-a)?)\s*["']?\/(?:etc|var\/spool)\/(?:cron|systemd)/imu,
      new RegExp(
        r`\b(?:add|append|write|put|insert|install|create|schedule)\b[^\n]{0,80}\b(?:crontab|cron\.\w+|cron ?jobs?|systemd|LaunchAgents?|schtasks)\b[^\n]{0,80}${network}`,
        "iu",
      ),
      new RegExp(
        r`\b(?:add|append|write|put|insert|install)\b[^\n]{0,80}${network}[^\n]{0,80}\b(?:crontab|cron\.\w+|LaunchAgents?|schtasks)\b`,
        "iu",
      ),
    ],
  },
  {
    // Whoever owns the address decides what runs.
    name: "a program from the network",
    words: "curl wget iex",
    patterns: () => [
      /\b(?:curl|wget)\b[^\n]{0,200}\|\s*(?:sudo\s+)?(?:(?:ba|z|da|k)?sh|python3?|node|perl|ruby)\b/iu,
      /\b(?:ba|z)?sh\s+(?:-c\s+)?["']?[<$]\(\s*(?:curl|wget)\b|\beval\s+["']?\$\(\s*(?:curl|wget)\b|\biex\b[^\n]{0,40}(?:DownloadString|iwr|Invoke-WebRequest)/iu,
    ],
  },
  {
    // A command that nobody can read.
    name: "a hidden program",
    words: "base64 xxd eval exec function powershell",
    patterns: () => [
      /\bbase64\b[^\n]{0,40}(?:-d\b|-D\b|--decode)[^\n]{0,80}(?:\|\s*(?:sudo\s+)?(?:(?:ba|z|da)?sh|python3?|node|perl)\b|\))|\bxxd\s+-r[^\n]{0,80}\|\s*(?:ba|z|da)?sh\b/iu,
      /\b(?:eval|exec|Function)\s*\(\s*(?:atob|base64\.b64decode|Buffer\.from|bytes\.fromhex|zlib\.decompress|codecs\.decode|__import__)/iu,
      /\bpowershell(?:\.exe)?\s[^\n]{0,60}-e(?:nc|ncodedcommand)?\s+[A-Za-z0-9+/=]{16,}/iu,
    ],
  },
  {
    // Gives the machine to another one.
    name: "a shell handed to another machine",
    words: "/dev/ nc netcat bash socat mkfifo",
    patterns: () => [
      /\/dev\/(?:tcp|udp)\/|\b(?:nc|ncat|netcat)\b[^\n]{0,60}\s-[a-z]*[ec]\b|\bbash\s+-i\s*>&|\bsocat\b[^\n]{0,80}\bexec:|\bmkfifo\b[^\n]{0,80}\|\s*(?:nc|ncat)\b/iu,
    ],
  },
  {
    // Names that are looked up leave every network.
    name: "names looked up to carry data",
    words: "dig nslookup host ping",
    patterns: () => [/\b(?:dig|nslookup|host|ping)\b[^\n]{0,60}(?:\$[({a-z]|\x60)/iu],
  },
  {
    // Where a machine of a cloud gets its rights.
    name: "the cloud's metadata service",
    words: "169.254 metadata fd00",
    patterns: () => [/\b169\.254\.169\.254\b|\b169\.254\.170\.2\b|metadata\.google\.internal|fd00:ec2::254/iu],
  },
  {
    // Services that exist to collect what others send.
    name: "an address that collects requests",
    words: "webhook.site requestbin pipedream burpcollaborator interact.sh oast requestcatcher beeceptor",
    patterns: () => [
      /\b(?:webhook\.site|requestbin\.\w+|\w+\.m\.pipedream\.net|burpcollaborator\.net|interact\.sh|oast\.(?:fun|pro|live|site|online|me)|requestcatcher\.com|beeceptor\.com)\b/iu,
    ],
  },
  {
    // Never a note.
    name: "deleting the root or the home folder",
    words: "rm mkfs dd :(",
    patterns: () => [
      /\brm\s+(?:--?[\w-]+\s+){1,4}["']?(?:\/|~\/?|\$\{?HOME\}?\/?)\*?["']?(?=\s|$|[;&|.,)\x60])|\bmkfs(?:\.\w+)?\s+\/|\bdd\b[^\n]{0,80}\bof=\/dev\/|:\(\)\s*\{\s*:\s*\|\s*:/imu,
    ],
  },
  {
    // What a person cannot read, a person did not mean. A public key is long, too.
    name: "a long encoded text",
    instead: "Say what it is and where it is kept.",
    patterns: () => [
      /(?<!ssh-rsa\s)(?<![A-Za-z0-9+/])(?=[a-zA-Z+/]{0,199}\d)(?=[a-z0-9+/]{0,199}[A-Z])(?=[A-Z0-9+/]{0,199}[a-z])[A-Za-z0-9+/]{200,}/u,
      /(?:\\x[0-9a-f]{2}){12,}|(?:\\u[0-9a-f]{4}){8,}|(?:&#x?[0-9a-f]{2,6};){8,}|(?:%[0-9a-f]{2}){24,}/iu,
    ],
  },
];
