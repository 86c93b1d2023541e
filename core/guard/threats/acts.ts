/** What an injected note would have the agent do, past its rules or out of sight, with the reason for each rule. */
import { asOrder } from "./phrases.ts";
import type { ThreatRule } from "./rule.ts";

const r = String.raw;

export const acts: readonly ThreatRule[] = [
  {
    // The rules of an agent are its operator's text.
    name: "an order to change your own rules",
    words: "your",
    patterns: () => [
      /\b(?:edit|modify|overwrite|replace|rewrite|delete|remove)\s+your\s+(?:own\s+)?(?:system prompt|instructions|guidelines|safety rules)\b/iu,
    ],
  },
  {
    // No maker of a model speaks through a note.
    name: "an order in the name of your makers",
    words: "openai anthropic google microsoft developer creator maker administrator",
    patterns: () => [
      /\b(?:openai|anthropic|google|microsoft|your (?:developers?|creators?|makers?|administrators?))\s+(?:has |have )?(?:instruct|order|command|authori[sz]|requir)(?:s|es|ed|e)?\s+you\b/iu,
    ],
  },
  {
    // "No restrictions" on a visa are something else.
    name: "freedom from all rules",
    words: "rule restriction guideline guardrail polic limit",
    patterns: () => [
      /\byou (?:have|follow|know) no (?:more )?(?:restrictions?|guardrails?|rules|limits?)\b/iu,
      /\byou(?: are|['’]re) (?:no longer|not) (?:bound|restricted|limited) by (?:any|your|the) (?:rules?|restrictions?|guidelines?|polic(?:y|ies))\b/iu,
      /\b(?:answer|act|work|reply|speak) without (?:any )?(?:guardrails|safety (?:rules|filters))\b/iu,
    ],
  },
  {
    // Whoever must be told to obey is not meant to think.
    name: "an order to comply",
    words: "obey comply",
    patterns: () => [/\byou (?:must|shall|have to|are required to) (?:always |now )?(?:obey|comply)\b/iu],
  },
  {
    // Looks like another speaker's turn once it stands in a prompt.
    name: "a forged line of a conversation",
    words: "assistant system developer",
    patterns: () => [
      /^\s*#{2,4}\s*assistant\s*:/imu,
      /^\s*(?:system|developer) (?:message|prompt)\s*:\s*(?:you|your|ignore|do|never|always|from now)\b/imu,
    ],
  },
  {
    // Quiet mornings are welcome; quiet uploads are not.
    name: "an order to act unseen",
    words: "secretly silently covertly quietly",
    patterns: () => [
      new RegExp(
        r`(?:${asOrder})(?:secretly|silently|covertly|quietly)\s+(?:send|run|execute|upload|forward|install|delete|fetch|post|insert|copy)\b`,
        "imu",
      ),
    ],
  },
  {
    // A person allows one thing at a time, and by a button.
    name: "a claim that everything is allowed",
    words: "all any every",
    patterns: () => [
      /\b(?:user|owner|admin(?:istrator)?|operator)\s+(?:has |have )?(?:approve|authori[sz]e|allow|grant|permit)(?:s|d|ed)?\s+(?:to )?(?:all|any|every)\s+(?:commands?|actions?|tool calls?|operations?)\b/iu,
    ],
  },
  {
    // Of the agent; other things have guards and checks, too.
    name: "leaving out a safeguard",
    words: "guard check",
    patterns: () => [
      /\b(?:turn off|switch off|disable|skip|bypass)\s+(?:(?:the|your|all|any)\s+){0,2}(?:command guard|safety checks?|approval checks?)\b/iu,
    ],
  },
  {
    // Who means well has no tracks to cover.
    name: "covering tracks",
    words: "trace tracks log history ledger",
    patterns: () => [
      new RegExp(r`(?:${asOrder})leave no (?:trace|logs?)\b|\bcover (?:your|our|the) tracks\b`, "imu"),
      new RegExp(
        r`(?:${asOrder})(?:delete|clear|wipe|erase)\s+(?:the|your|all|any)\s+(?:audit\s+)?(?:logs?|history|ledger)\s+(?:after|so that|to hide)`,
        "imu",
      ),
    ],
  },
  {
    // A note needs no command that uploads.
    name: "sending a file away",
    words: "curl wget env",
    patterns: () => [
      /\b(?:curl|wget)\b[^\n]{0,160}(?:--data(?:-binary|-raw)?[= ]@|\s-d\s*@|\s-T\s|--upload-file|\s-F\s*\S{1,40}=@|--post-file)/iu,
      /\b(?:env|printenv)\s*\|[^\n]{0,60}\b(?:base64|curl|wget|nc)\b/iu,
    ],
  },
  {
    // All of a kind, to somewhere else, is no wish about one report.
    name: "sending everything of a kind away",
    words: "every each",
    patterns: () => [
      new RegExp(
        r`(?:${asOrder})(?:send|post|forward|upload|copy|bcc)\s+(?:every|each)\s+(?:single\s+)?(?:(?:e-?)?mail|message|file|document|repl(?:y|ies)|answer)s?\b[^.!?\n]{0,30}\bto\s+(?:https?:|\S{1,60}@)`,
        "imu",
      ),
    ],
  },
  {
    // Folders of keys, packed.
    name: "packing up credentials",
    words: ".aws .ssh .gnupg .kube",
    patterns: () => [/\b(?:tar|zip|scp|rsync)\b[^\n]{0,60}\.(?:aws|ssh|gnupg|kube)(?![\w/])/iu],
  },
  {
    // Everything may be done afterwards.
    name: "a right to become root",
    words: "nopasswd chmod",
    patterns: () => [/\bNOPASSWD\s*:\s*ALL\b|\bchmod\s+(?:u?\+s|[24]7\d\d)\b/iu],
  },
  {
    // Notes are read at the start of each session: a command in one would run for ever.
    name: "a command before every answer",
    words: "every each any",
    patterns: () => [
      /\b(?:at the (?:start|beginning) of|before|after) (?:every|each|any) (?:session|conversation|reply|answer|response|turn)\b,?[^.!?\n]{0,30}\b(?:run|execute|download|fetch|curl)\b[^.!?\n]{0,20}(?:`|https?:|\bscript\b|\bcommand\b)/iu,
    ],
  },
];
