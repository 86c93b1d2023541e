/** Orders in English against the rules, the approvals and the person, with the reason for each rule. A fact that sounds alike has to pass. */
import { asOrder, theUser } from "./phrases.ts";
import type { ThreatRule } from "./rule.ts";

const r = String.raw;

const ignoring = r`\b(?:ignore|disregard|forget|override|overrule|discard|(?:stop|quit) (?:following|obeying)|(?:do not|don't|never) (?:follow|obey|heed)|pay no attention to)\b`;
const instructions = r`(?:instructions?|prompts?|guidelines?|directives?|programming)`;
const rules = r`(?:${instructions}|rules|constraints|polic(?:y|ies)|restrictions|safeguards|training|commands)`;
/** Of the conversation with the model itself; "all rules in vendor/" are not. */
const notElsewhere = r`(?!\s+(?:in|of|for|on|about|from|under)\s+(?!this\b|now\b|your\b|me\b|above\b|before\b|the (?:system|developer|operator)))`;
/** Somebody who hates it, or forbids it, does not order it. */
const notDenied = r`(?<!\b(?:never|not|no|nobody|cannot|\w+n['’]t|hates?|dislikes?|minds?|angry|upset|annoyed|avoids?|refuses?|without)\b[^.!?\n]{0,60})`;
const acts = r`(?:delet|remov|send|pay|buy|runn?|execut|push|deploy|transfer|publish|post|approv|overwrit|merg|forward|install|upload|purchas|act|proceed|do)(?:e|ing)?`;
const approval = r`(?:approval|permission|confirmation|consent|authori[sz]ation|(?:the|a) go-ahead)`;

export const orders: readonly ThreatRule[] = [
  {
    // What all injections begin with.
    name: "an order to ignore instructions",
    words: "ignor disregard forget overrid overrul discard following obeying follow obey heed attention",
    patterns: () => [
      new RegExp(
        r`${ignoring}[^.!?]{0,40}\b(?:previous|prior|above|earlier|preceding|foregoing|initial|original|system|developer|former)\b(?:[^.!?]{0,20}\b(?:${instructions}|context)\b|\s+(?:(?:safety|security|system|core)\s+)?${rules}\b)`,
        "iu",
      ),
      new RegExp(
        r`${ignoring}\s+(?=[^.!?]{0,40}\b(?:all|any|every|your|safety|security|internal|hidden)\b)(?:(?:all|any|of|every|each|one|your|my|our|these|those|the|and|other|safety|security|core|internal|hidden|content|system)\s+){1,6}${rules}\b${notElsewhere}`,
        "iu",
      ),
      new RegExp(
        r`${ignoring}[^.!?]{0,20}\b${rules}\s+(?:above|before this|so far|that came before|(?:that\s+)?you (?:were|have been|got|received|have)\b|(?:in|of|from) (?:your|the) (?:system|developer|context|prompt))`,
        "iu",
      ),
    ],
  },
  {
    // The same without the word "instructions"; what follows tells it from "everything above 5 kHz".
    name: "an order to ignore what stands above",
    words: "above before prior previously far now here beforehand earlier",
    patterns: () => [
      new RegExp(
        r`${ignoring}\s+(?:absolutely\s+)?(?:everything|anything|all(?: of (?:it|that|the))?|whatever|what)\s+(?:(?:that\s+)?(?:is|was|are|came|comes|stands|written|said|stated|you (?:read|saw))\s+){0,2}(?:above|before(?: this| now)?|prior|previously|so far|up to (?:now|here)|until now|beforehand|earlier)(?=\s*(?:[.,;:!—–)"”]|$|and\b|then\b|this\b|in (?:this|the) (?:prompt|chat|conversation|context)))`,
        "imu",
      ),
    ],
  },
  {
    // A forgotten fact is about something; a forgotten guard is not.
    name: "an order to forget what you were told",
    words: "ignor disregard forget overrid overrul discard following obeying follow obey heed attention",
    patterns: () => [
      new RegExp(
        r`${ignoring}\s+(?:everything|anything|all|whatever|what)\s+(?:that\s+)?(?:you(?:['’]ve| have| had| were| are|['’]re)?\s+(?:been\s+|previously\s+|already\s+)?(?:told|taught|given|instructed|asked|trained|learned|learnt|know)\b|(?:your|the) (?:developers?|creators?|operators?|makers?|trainers?|system|prompt)\s+(?:has |have )?(?:told|said|wrote|says?|tells?)\b)(?!\s+about\s+(?!safety|security|rules|approval|instructions|secrets))`,
        "iu",
      ),
    ],
  },
  {
    // Speaks as if it were the operator's text.
    name: "a replaced system prompt",
    words: "prompt message instruction rules orders directive your",
    patterns: () => [
      /\b(?:new|updated|real|actual|true|revised|replacement)\s+(?:system|developer)\s+(?:prompt|message|instructions?|rules)\b/iu,
      /(?:^|[.!?\n*#]\s{0,3}|\byour\s)(?:new|updated|real|actual|true|revised)\s+(?:prompt|instructions?|orders|directives?)\s*(?::|are\b|is\b)/iu,
      /\byour\s+(?:new|real|actual|true|only|sole|primary)\s+(?:task|goal|objective|purpose|mission|role|directive|identity)\s+(?:is\b|:)/iu,
    ],
  },
  {
    // Makes another agent of the agent; "you are now in the family group" does not.
    name: "a new role for you",
    words: "you",
    patterns: () => [
      /\byou(?: are|['’]re) (?:now|no longer)\b(?!\s+(?:in|on|at|able|connected|subscribed|registered|entering|ready|part of)\b)/iu,
      /\bfrom (?:now|here|this point) on,? you(?: are|['’]re| will| must| shall| act| answer| respond)\b/iu,
      /\b(?:act|behave|respond|answer|speak) as (?:if|though) you (?:are|were|had|have)\b|\bpretend (?:that )?you(?: are|['’]re| were| have)\b/iu,
    ],
  },
  {
    // Names of well-known ways around a model's training.
    name: "a jailbreak",
    words: "mode jailb anything now restrict unfilter uncensor amoral unalign guardrail filters censor limitation",
    patterns: () => [
      /\bDAN mode\b|\bdo anything now\b|\bjailbreak (?:mode|prompt|yourself|the (?:model|agent|assistant))\b|\byou are jailbroken\b/iu,
      /\b(?:you are|you['’]re|act|respond|answer|operate|switch|now)\b[^.!?\n]{0,20}\b(?:in|to|into)\s+(?:\w+\s+)?(?:developer|god|sudo|debug|maintenance|root|unrestricted|admin) mode\b/iu,
      /\b(?:unrestricted|unfiltered|uncensored|amoral|unaligned)\s+(?:agent|assistant|AI|model|mode|persona|chatbot)\b/iu,
      /\b(?:you|agent|assistant|model|AI)\b[^.!?\n]{0,30}\b(?:no|without|free (?:of|from))\s+(?:any\s+|all\s+|ethical\s+|moral\s+)*(?:restrictions|guardrails|filters|censorship|limitations)\b/iu,
    ],
  },
  {
    // Of the agent; a spam filter and the sandbox tests of a project are others.
    name: "switching off a safeguard",
    words: "safe guardrail approval permission content security sandbox redaction threat confirmation moderation",
    patterns: () => [
      /\b(?:bypass|disable|circumvent|turn off|switch off|deactivate|evade|get around|work around|remove)\s+(?:(?:the|your|its|all|any|every|these|our)\s+){0,3}(?:(?:safety|security|content|agent['’]?s?|command|tool|shell)\s+){0,2}(?:safeguards?|guardrails?|safety\b(?!\s+(?:pin|net|belt|catch|lock|glass))|approvals?|permission (?:checks?|prompts?)|content (?:filter(?:s|ing)?|polic(?:y|ies))|security (?:checks?|polic(?:y|ies))|sandbox(?! tests?| accounts?| environments?)(?:ing)?|redaction|threat scan|confirmation prompts?|moderation)\b/iu,
    ],
  },
  {
    // An approval is the person's to give, each time.
    name: "an order not to ask for approval",
    words: "approv permission confirm consent authori go-ahead before ask check",
    patterns: () => [
      new RegExp(
        r`${asOrder}(?:never|do not|don['’]t|stop|no longer|need not|there is no need to|no need to)\s+(?:ever\s+|bother\s+)?(?:ask(?:ing)?|wait(?:ing)?|request(?:ing)?|seek(?:ing)?|prompt(?:ing)?)\b[^.!?\n]{0,30}\b${approval}\b(?!\s+slips?)`,
        "imu",
      ),
      new RegExp(
        r`${asOrder}(?:never|do not|don['’]t|stop|there is no need to|no need to)\s+(?:ask(?:ing)?|check(?:ing)?)\b(?:\s+(?:first|again|beforehand)\b|[^.!?\n]{0,20}\bbefore\s+(?:you\s+)?${acts}\b)`,
        "imu",
      ),
      new RegExp(
        r`\byou (?:do not|don['’]t) need\s+(?:\w+\s+){0,2}${approval}|\b(?:no ${approval}(?: is| are)? (?:needed|required|necessary)|${approval} is (?:not|never) (?:needed|required|necessary)) (?:for|to|before)\s+(?:\w+\s+)?(?:${acts}\b|commands?\b|anything\b)`,
        "iu",
      ),
      new RegExp(
        r`${asOrder}(?:always\s+)?skip\s+(?:the\s+|all\s+|any\s+|every\s+)*(?:approvals?|confirmations?)(?!\s+for\b)`,
        "imu",
      ),
    ],
  },
  {
    // The same from the other side; "never post photos without asking" is the opposite.
    name: "an order to act without asking",
    words: "without",
    patterns: () => [
      new RegExp(
        r`${notDenied}(?:${asOrder}|\b(?:me|agent|assistant) to\s+)(?:always\s+|immediately\s+|simply\s+)?${acts}\b(?:(?!\bnot\b|\bnothing\b|\bnever\b|\bno\b|\bnone\b)[^.!?\n]){0,40}\bwithout\s+(?:\w+\s+){0,2}(?:asking|checking|confirming|${approval})`,
        "imu",
      ),
    ],
  },
  {
    // A note that says yes in the person's name is there for every later question.
    name: "an approval in advance",
    words:
      "approv authori permission disabled off suspended lifted agree allow confirm consent grant permit trusted accept yes",
    patterns: () => [
      new RegExp(
        r`\b(?:you (?:have|are)|(?:the )?(?:agent|assistant) (?:has|is))\s+(?:\w+\s+)?(?:permission|authori[sz]ed|pre-?approved)\s+to\s+${acts}\b|${theUser}\s+always\s+(?:approves|agrees|allows|confirms)\b`,
        "iu",
      ),
      /\b(?:approvals?|safety checks?|guardrails?|safeguards?|all confirmations)\s+(?:(?:is|are|was|were|be)\s+)?(?:now\s+)?(?:disabled|off|switched off|turned off|suspended|lifted)\b/iu,
      /\b(?:user|person|owner|human|operator|admin)\s+(?:has\s+|have\s+|had\s+)?(?:already\s+|explicitly\s+)?(?:pre-?)?(?:approved|authori[sz]ed|consented to|agreed to|granted|allowed|permitted)\s+(?:all|any|every(?:thing)?|each|future|you|the (?:agent|assistant)|deletions?|unrestricted|full access)\b(?!\s+(?:invoices?|budgets?|guests?|holidays?|leave)\b)/iu,
      /\b(?:all|any|every|future)\s+(?:\w+\s+)?(?:commands?|actions?|tool calls?|deletions?|transfers?|shell commands?|operations)\s+(?:is|are|was|were|has been|have been)\s+(?:already\s+|hereby\s+)?(?:pre-?)?(?:approved|authori[sz]ed|allowed)\b/iu,
      /\b(?:treat|consider|regard|count|mark)\s+(?:all|any|every|each|this|that|these|it|everything|future)\b[^.!?\n]{0,40}\bas\s+(?:already\s+|pre-?)?(?:approved|authori[sz]ed|trusted by|confirmed by the (?:user|owner|person))\b/iu,
      new RegExp(
        r`${asOrder}(?:always\s+)?(?:approve|allow|confirm|accept|say yes to)\s+(?:everything|(?:all|any|every|each)\s+(?:\w+\s+)?(?:commands?|requests? for approval|approvals?|tool calls?|actions?))\b`,
        "imu",
      ),
    ],
  },
  {
    // The person is who the agent works for.
    name: "an order to deceive the user",
    words: "user human owner person",
    patterns: () => [
      new RegExp(
        r`\b(?:do not|don['’]t|never|without)\s+(?:ever\s+)?(?:tell|telling|inform|informing|alert|alerting|notify|notifying|warn|warning|(?:mention|reveal|disclose|admit|show|explain)(?:ing)?[^.!?\n]{0,20}\bto)\s+${theUser}`,
        "iu",
      ),
      new RegExp(
        r`\b(?:hide|conceal|keep|withhold)\b[^.!?\n]{0,30}\b(?:from|secret from|hidden from)\s+${theUser}|\b(?:lie to|mislead|deceive)\s+${theUser}`,
        "iu",
      ),
      new RegExp(r`\bwithout\s+${theUser}(?:['’]s)?\s+(?:knowing|knowledge|noticing|seeing|consent)\b`, "iu"),
    ],
  },
  {
    // What is done in secret is not done for the person.
    name: "an order to act in secret",
    words: "secretly silently covertly discreetly stealthily",
    patterns: () => [
      new RegExp(
        r`${asOrder}(?:also\s+)?(?:secretly|silently|covertly|discreetly|stealthily)\s+(?:send|run|upload|forward|copy|delete|install|call|fetch|execute|post|append|add|include|log|record|change|disable)\b`,
        "imu",
      ),
    ],
  },
];
