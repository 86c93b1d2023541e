import { posix } from "node:path";

/** What lies in a place that a file tool does not write to, wherever commands run; see `protectedPath`. */
const ours = /(^|\/)\.talaria(\/|$)/;

const kinds: readonly { what: string; patterns: readonly RegExp[] }[] = [
  {
    what: "holds keys",
    patterns: [
      /(^|\/)\.(ssh|gnupg)(\/|$)/,
      /(^|\/)id_(rsa|dsa|ecdsa|ed25519)(\.pub)?$/,
      /(^|\/)authorized_keys$/,
      /\.(pem|key|p12|pfx|jks|keystore)$/,
    ],
  },
  {
    what: "holds credentials",
    patterns: [
      /(^|\/)\.(aws|kube|azure|docker|oci)(\/|$)/,
      /(^|\/)\.config\/(gcloud|gh|op|doctl|hub)(\/|$)/,
      /(^|\/)\.(netrc|npmrc|pypirc|pgpass|my\.cnf|git-credentials|htpasswd|vault-token)$/,
      /(^|\/)\.(cargo\/credentials(\.toml)?|gem\/credentials|terraform\.d\/credentials\.tfrc\.json)$/,
    ],
  },
  // A template of an env file holds none.
  {
    what: "holds a project's secrets",
    patterns: [/(^|\/)\.(env|envrc)(\.(?!example$|sample$|template$|dist$)[^/]*)?$/],
  },
  {
    what: "is run by every shell, at log-in or on a schedule",
    patterns: [
      /(^|\/)\.(bash_?profile|bashrc|bash_login|bash_logout|profile|zshrc|zprofile|zshenv|zlogin|zlogout|kshrc|cshrc|tcshrc|xprofile|xinitrc)$/,
      /(^|\/)\.config\/(fish|systemd|autostart)(\/|$)/,
      /(^|\/)library\/launch(agents|daemons)(\/|$)/,
      /(^|\/)(crontab|cron\.[a-z]+)(\/|$)/,
    ],
  },
  {
    what: "decides which programs git runs",
    patterns: [/(^|\/)\.gitconfig$/, /(^|\/)\.config\/git(\/|$)/, /(^|\/)\.git\/(hooks(\/|$)|config$)/],
  },
  { what: "belongs to the system", patterns: [/^\/(etc|boot|usr|bin|sbin|lib|lib64|sys|proc|dev)(\/|$)/] },
];

/**
 * Why a path is not for a file tool to write to, as the end of a sentence that begins with the path; `undefined` when
 * it may be. In an isolated workspace only our own folder counts, since everything else there is the agent's own.
 */
export function protectedPath(path: string, { isIsolated }: { isIsolated: boolean }): string | undefined {
  const normal = posix.normalize(path).toLowerCase();
  if (ours.test(normal)) return "belongs to the program that runs you";
  if (isIsolated) return undefined;
  return kinds.find(({ patterns }) => patterns.some((pattern) => pattern.test(normal)))?.what;
}
