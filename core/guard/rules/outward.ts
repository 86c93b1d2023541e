import { hasFlag, operands, optionValue, type SimpleCommand, unknownMark } from "../shell/simple-command.ts";
import { sshOptions, wrappedWords } from "../shell/wrappers.ts";
import { named, rule, type Rule } from "./rule.ts";
import { programSends, runsDeployment, sendsThroughSocket, tellsInAddress } from "./senders.ts";

/** The words of these programs that only look. */
const looks =
  /^(?:get|list|ls|describe|show|status|plan|diff|logs?|view|head|cat|tail|search|help|version|whoami|config|validate|wait|lookup|query|scan|batch-get|filter|select|watch|top|explain|preview|history|presign|cluster-info|api-resources|check)/;

const says = (command: SimpleCommand, ...verbs: string[]): boolean =>
  (isUnknownVerb(command) ||
    operands(command)
      .slice(0, 4)
      .some((word) => verbs.includes(word))) &&
  !hasFlag(command, "", "dry-run");

/** What it is told to do is a variable: not the value of an option, as in `git -C "$folder" status`. */
function isUnknownVerb({ arguments: words }: SimpleCommand): boolean {
  const first = words.findIndex((word, at) => !word.startsWith("-") && !words[at - 1]?.startsWith("-"));
  return words[first]?.includes(unknownMark) === true;
}

function curlSends(command: SimpleCommand): boolean {
  if (!named(command, "curl")) return false;
  const method = command.arguments.map((word, index) => curlMethod(word, command.arguments[index + 1])).find(Boolean);
  if (method) return !/^(?:GET|HEAD|OPTIONS)$/i.test(method);
  if (hasFlag(command, "G", "get")) return false;
  return command.arguments.some((word) =>
    /^(?:-[a-zA-Z]*[dFT]|-[dFT].*|--(?:data|json|form|upload-file|mail-rcpt|url-query).*)$/.test(word),
  );
}

function curlMethod(word: string, next = ""): string | undefined {
  const attached = /^-[a-zA-Z]*X=?(.*)$/.exec(word) ?? /^--request(?:=(.*))?$/.exec(word);
  return attached ? attached[1] || next : undefined;
}

const httpieSends = (command: SimpleCommand): boolean => {
  if (!named(command, "http", "https", "xh", "xhs", "httpie")) return false;
  const [first = "", ...rest] = operands(command);
  if (/^(?:GET|HEAD|OPTIONS)$/i.test(first)) return false;
  return /^[A-Z]{3,7}$/.test(first) || rest.some((word) => /^[\w.-]+(?::?=|@)/.test(word) && !word.includes("=="));
};

const address = /^(?:[\w.-]+@)?[\w.-]+:(?!\/\/|\\)|^(?:ssh|rsync|sftp):\/\//;
const webhooks =
  /hooks\.slack\.com|discord(?:app)?\.com\/api\/webhooks|api\.telegram\.org\/bot[^/]*\/(?:send|edit|delete|forward|copy)|webhook\.office\.com|chat\.googleapis\.com|oapi\.dingtalk|qyapi\.weixin|open\.feishu|ntfy\.sh|api\.pushover/;

const cloudChanges = (command: SimpleCommand, from: number): boolean => {
  const verbs = operands(command).slice(from);
  return (
    verbs.length > 0 &&
    !verbs.slice(0, 3).some((word) => looks.test(word)) &&
    !hasFlag(command, "", "dry-run", "dryrun")
  );
};

/** What these programs are told when they hand work to others. */
const versionControl: Readonly<Record<string, readonly string[]>> = {
  hg: ["push", "email"],
  svn: ["commit", "ci", "import", "propset", "lock"],
  bzr: ["push", "send"],
  brz: ["push", "send"],
  fossil: ["push", "sync"],
  jj: ["push"],
  cvs: ["commit", "ci", "import"],
  p4: ["submit"],
  git: ["dcommit"],
};

export const outward: readonly Rule[] = [
  rule(
    "outward.git-push",
    "It pushes commits to others.",
    (command) => named(command, "git") && says(command, "push") && !command.arguments.includes("-n"),
  ),
  rule(
    "outward.git-send-email",
    "It sends commits by mail.",
    (command) => named(command, "git") && says(command, "send-email"),
  ),
  rule("outward.curl", "It sends data to a server.", curlSends),
  rule(
    "outward.wget",
    "It sends data to a server.",
    (command) =>
      named(command, "wget") &&
      (command.arguments.some((word) => /^--(?:post|body)-/.test(word)) ||
        /^(?!GET$|HEAD$)./i.test(optionValue(command, "--method") ?? "")),
  ),
  rule("outward.httpie", "It sends data to a server.", httpieSends),
  rule(
    "outward.webhook",
    "It posts into a chat.",
    (command) =>
      /^(?:curl|wget|http|https|xh)$/.test(command.name) && command.arguments.some((word) => webhooks.test(word)),
  ),
  rule("outward.mail", "It sends mail.", (command) =>
    named(command, "mail", "mailx", "sendmail", "mutt", "neomutt", "msmtp", "swaks", "s-nail", "ssmtp", "himalaya"),
  ),
  rule(
    "outward.sst",
    "It changes a deployment.",
    (command) =>
      named(command, "sst", "serverless", "sls", "cdk", "pulumi", "sam", "amplify") &&
      says(command, "deploy", "remove", "destroy", "up", "publish", "push", "delete"),
  ),
  rule(
    "outward.terraform",
    "It changes infrastructure.",
    (command) =>
      named(command, "terraform", "tofu", "terragrunt") &&
      says(command, "apply", "destroy", "import", "taint", "run-all"),
  ),
  rule(
    "outward.kubectl",
    "It changes a cluster.",
    (command) =>
      named(command, "kubectl", "oc") &&
      says(
        command,
        "apply",
        "create",
        "delete",
        "replace",
        "patch",
        "scale",
        "rollout",
        "edit",
        "set",
        "run",
        "expose",
        "drain",
        "cordon",
        "annotate",
        "label",
        "exec",
        "cp",
      ),
  ),
  rule(
    "outward.helm",
    "It changes a cluster.",
    (command) =>
      named(command, "helm", "helmfile", "argocd", "flux") &&
      says(command, "install", "upgrade", "uninstall", "rollback", "delete", "apply", "sync", "push", "reconcile"),
  ),
  rule(
    "outward.vercel",
    "It deploys a site.",
    (command) =>
      named(command, "vercel", "vc", "now") &&
      (operands(command).length === 0 ||
        says(command, "deploy", "promote", "rollback", "remove", "rm", "--prod") ||
        hasFlag(command, "", "prod")),
  ),
  rule(
    "outward.hosting",
    "It deploys or changes a site.",
    (command) =>
      named(
        command,
        "netlify",
        "ntl",
        "fly",
        "flyctl",
        "railway",
        "render",
        "heroku",
        "wrangler",
        "firebase",
        "surge",
        "eb",
        "doctl",
        "supabase",
        "modal",
      ) &&
      says(
        command,
        "deploy",
        "up",
        "publish",
        "destroy",
        "delete",
        "scale",
        "launch",
        "push",
        "create",
        "secrets",
        "release",
      ),
  ),
  rule(
    "outward.npm-publish",
    "It publishes a package.",
    (command) =>
      named(command, "npm", "pnpm", "yarn", "bun", "lerna") && says(command, "publish", "unpublish", "deprecate"),
  ),
  rule(
    "outward.publish",
    "It publishes a package.",
    (command) =>
      (named(
        command,
        "cargo",
        "poetry",
        "uv",
        "hatch",
        "flit",
        "dotnet",
        "mvn",
        "gradle",
        "jsr",
        "deno",
        "vsce",
        "ovsx",
      ) &&
        says(command, "publish", "deploy", "push", "yank")) ||
      (named(command, "twine") && says(command, "upload")) ||
      (named(command, "gem") && says(command, "push", "yank")),
  ),
  rule(
    "outward.github",
    "It changes something on GitHub or GitLab that others see.",
    (command) =>
      named(command, "gh", "glab", "hub", "tea") &&
      (isUnknownVerb(command) ||
        /^(?:pr|mr|issue|release|repo|gist|secret|variable|workflow|label|run|cache) (?:create|merge|close|comment|edit|delete|review|reopen|upload|archive|rename|fork|set|remove|run|enable|disable|rerun|cancel|ready|transfer|lock|pin|sync)/.test(
          operands(command).join(" "),
        )),
  ),
  rule(
    "outward.github-api",
    "It changes something on GitHub.",
    (command) =>
      named(command, "gh", "glab") &&
      operands(command)[0] === "api" &&
      (command.arguments.some((word) => /^(?:-f|-F|--field|--raw-field|--input)/.test(word)) ||
        /^(?!GET$)./i.test(optionValue(command, "-X", "--method") ?? "")),
  ),
  rule(
    "outward.aws",
    "It changes something in AWS.",
    (command) =>
      named(command, "aws") &&
      operands(command)[0] !== "configure" &&
      !/^(?:sts get|sso log)/.test(operands(command).join(" ")) &&
      awsChanges(command),
  ),
  rule(
    "outward.gcloud",
    "It changes something in Google Cloud.",
    (command) =>
      named(command, "gcloud", "gsutil", "bq") &&
      !/^(?:auth|config|components|init|info)$/.test(operands(command)[0] ?? "") &&
      cloudChanges(command, 0),
  ),
  rule(
    "outward.az",
    "It changes something in Azure.",
    (command) =>
      named(command, "az") &&
      !/^(?:login|account|version)$/.test(operands(command)[0] ?? "") &&
      cloudChanges(command, 0),
  ),
  rule(
    "outward.ssh",
    "It runs a command on another machine.",
    (command) =>
      (named(command, "mosh", "sftp", "ansible", "ansible-playbook", "pssh")
        ? operands(command).length > 0
        : named(command, "ssh") && wrappedWords(["ssh", ...command.arguments], sshOptions).length > 0) &&
      !command.arguments.includes("-V"),
  ),
  rule(
    "outward.copy",
    "It copies files to or from another machine.",
    (command) =>
      named(command, "scp", "rsync", "rclone", "ftp", "lftp") && operands(command).some((word) => address.test(word)),
  ),
  rule(
    "outward.image-push",
    "It publishes an image.",
    (command) =>
      named(command, "docker", "podman", "nerdctl", "buildah", "skopeo", "crane") &&
      (says(command, "push") || (command.name === "skopeo" && says(command, "copy")) || hasFlag(command, "", "push")),
  ),
  rule(
    "outward.payment",
    "It moves money or changes a shop.",
    (command) =>
      named(command, "stripe", "paypal", "braintree", "square", "bitcoin-cli", "cast", "solana", "lncli", "wise") &&
      !looks.test(operands(command).slice(1)[0] ?? operands(command)[0] ?? "") &&
      !/^(?:listen|login|logs)$/.test(operands(command)[0] ?? ""),
  ),
  rule("outward.message", "It sends a message.", (command) =>
    named(
      command,
      "slack",
      "slackcat",
      "signal-cli",
      "telegram-send",
      "discord",
      "twilio",
      "wall",
      "write",
      "matrix-commander",
      "apprise",
      "xmpp",
      "toot",
    ),
  ),
  rule("outward.program", "The program sends data to a server.", programSends),
  rule(
    "outward.commit",
    "It hands commits to others.",
    (command) =>
      named(command, ...Object.keys(versionControl)) && says(command, ...(versionControl[command.name] ?? [])),
  ),
  rule("outward.socket", "It sends data to another machine.", sendsThroughSocket),
  rule("outward.address", "It puts what another program reads into an address.", tellsInAddress),
  rule("outward.script", "It runs a script that deploys or publishes.", runsDeployment),
];

/** `aws service verb`, where the verb of S3's own commands says nothing about the direction. */
function awsChanges(command: SimpleCommand): boolean {
  const [service = "", verb = "", source = "", target = ""] = operands(command).filter(
    (word) => !/^(?:\w+-)+\d$/.test(word),
  );
  if (service === "s3") {
    if (verb === "cp" || verb === "sync") return target.startsWith("s3://") || !source.startsWith("s3://");
    return verb !== "ls" && verb !== "presign" && verb !== "";
  }
  return verb !== "" && !looks.test(verb);
}
