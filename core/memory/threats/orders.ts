/** Orders in English to whoever reads the note, with the reason for each rule. A fact that sounds alike has to pass. */
import type { ThreatRule } from "./rule.ts";

const r = String.raw;

const ignoring = r`\b(?:ignore|disregard|forget|override|overrule|discard|(?:stop|quit) (?:following|obeying)|(?:do not|don't|never) (?:follow|obey|heed)|pay no attention to)\b`;
const instructions = r`(?:instructions?|prompts?|guidelines?|directives?|programming)`;
const rules = r`(?:${instructions}|rules|constraints|polic(?:y|ies)|restrictions|safeguards|training|commands)`;
/** Of the conversation with the model itself; "all rules in vendor/" are not. */
const notElsewhere = r`(?!\s+(?:in|of|for|on|about|from|under)\s+(?!this\b|now\b|your\b|me\b|above\b|before\b|the (?:system|developer|operator)))`;

/** Where an order begins: not in "my kids never ask for permission". */
const asOrder = r`(?:(?<=^|[.!?;:,\n(“"*>]\s{0,3})|\b(?:you|please|and|then|must|should|may|can|always|just|now|agent|assistant)\s{1,3})`;
/** Somebody who hates it, or forbids it, does not order it. */
const notDenied = r`(?<!\b(?:never|not|no|nobody|cannot|\w+n['’]t|hates?|dislikes?|minds?|angry|upset|annoyed|avoids?|refuses?|without)\b[^.!?\n]{0,60})`;
const acts = r`(?:delet|remov|send|pay|buy|runn?|execut|push|deploy|transfer|publish|post|approv|overwrit|merg|forward|install|upload|purchas|act|proceed|do)(?:e|ing)?`;
const approval = r`(?:approval|permission|confirmation|consent|authori[sz]ation|(?:the|a) go-ahead)`;
const theUser = r`(?:(?:the|your) (?:user|human|owner(?! of\b))|the person(?! (?:on|in|at|who)\b)|your person)\b`;

export const orders: readonly ThreatRule[] = [
  {
    // What all injections begin with.
    name: "an order to ignore instructions",
    patterns: [
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
    patterns: [
      new RegExp(
        r`${ignoring}\s+(?:absolutely\s+)?(?:everything|anything|all(?: of (?:it|that|the))?|whatever|what)\s+(?:(?:that\s+)?(?:is|was|are|came|comes|stands|written|said|stated|you (?:read|saw))\s+){0,2}(?:above|before(?: this| now)?|prior|previously|so far|up to (?:now|here)|until now|beforehand|earlier)(?=\s*(?:[.,;:!—–)"”]|$|and\b|then\b|this\b|in (?:this|the) (?:prompt|chat|conversation|context)))`,
        "imu",
      ),
    ],
  },
  {
    // A forgotten fact is about something; a forgotten guard is not.
    name: "an order to forget what you were told",
    patterns: [
      new RegExp(
        r`${ignoring}\s+(?:everything|anything|all|whatever|what)\s+(?:that\s+)?(?:you(?:['’]ve| have| had| were| are|['’]re)?\s+(?:been\s+|previously\s+|already\s+)?(?:told|taught|given|instructed|asked|trained|learned|learnt|know)\b|(?:your|the) (?:developers?|creators?|operators?|makers?|trainers?|system|prompt)\s+(?:has |have )?(?:told|said|wrote|says?|tells?)\b)(?!\s+about\s+(?!safety|security|rules|approval|instructions|secrets))`,
        "iu",
      ),
    ],
  },
  {
    // Speaks as if it were the operator's text.
    name: "a replaced system prompt",
    patterns: [
      /\b(?:new|updated|real|actual|true|revised|replacement)\s+(?:system|developer)\s+(?:prompt|message|instructions?|rules)\b/iu,
      /(?:^|[.!?\n*#]\s{0,3}|\byour\s)(?:new|updated|real|actual|true|revised)\s+(?:prompt|instructions?|orders|directives?)\s*(?::|are\b|is\b)/iu,
      /\byour\s+(?:new|real|actual|true|only|sole|primary)\s+(?:task|goal|objective|purpose|mission|role|directive|identity)\s+(?:is\b|:)/iu,
    ],
  },
  {
    // Makes another agent of the agent; "you are now in the family group" does not.
    name: "a new role for you",
    patterns: [
      /\byou(?: are|['’]re) (?:now|no longer)\b(?!\s+(?:in|on|at|able|connected|subscribed|registered|entering|ready|part of)\b)/iu,
      /\bfrom (?:now|here|this point) on,? you(?: are|['’]re| will| must| shall| act| answer| respond)\b/iu,
      /\b(?:act|behave|respond|answer|speak) as (?:if|though) you (?:are|were|had|have)\b|\bpretend (?:that )?you(?: are|['’]re| were| have)\b/iu,
    ],
  },
  {
    // Names of well-known ways around a model's training.
    name: "a jailbreak",
    patterns: [
      /\bDAN mode\b|\bdo anything now\b|\bjailbreak (?:mode|prompt|yourself|the (?:model|agent|assistant))\b|\byou are jailbroken\b/iu,
      /\b(?:you are|you['’]re|act|respond|answer|operate|switch|now)\b[^.!?\n]{0,20}\b(?:in|to|into)\s+(?:\w+\s+)?(?:developer|god|sudo|debug|maintenance|root|unrestricted|admin) mode\b/iu,
      /\b(?:unrestricted|unfiltered|uncensored|amoral|unaligned)\s+(?:agent|assistant|AI|model|mode|persona|chatbot)\b/iu,
      /\b(?:you|agent|assistant|model|AI)\b[^.!?\n]{0,30}\b(?:no|without|free (?:of|from))\s+(?:any\s+|all\s+|ethical\s+|moral\s+)*(?:restrictions|guardrails|filters|censorship|limitations)\b/iu,
    ],
  },
  {
    // Of the agent; a spam filter and the sandbox tests of a project are others.
    name: "switching off a safeguard",
    patterns: [
      /\b(?:bypass|disable|circumvent|turn off|switch off|deactivate|evade|get around|work around|remove)\s+(?:(?:the|your|its|all|any|every|these|our)\s+){0,3}(?:(?:safety|security|content|agent['’]?s?|command|tool|shell)\s+){0,2}(?:safeguards?|guardrails?|safety\b(?!\s+(?:pin|net|belt|catch|lock|glass))|approvals?|permission (?:checks?|prompts?)|content (?:filter(?:s|ing)?|polic(?:y|ies))|security (?:checks?|polic(?:y|ies))|sandbox(?! tests?| accounts?| environments?)(?:ing)?|redaction|threat scan|confirmation prompts?|moderation)\b/iu,
    ],
  },
  {
    // An approval is the person's to give, each time.
    name: "an order not to ask for approval",
    patterns: [
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
    patterns: [
      new RegExp(
        r`${notDenied}(?:${asOrder}|\b(?:me|agent|assistant) to\s+)(?:always\s+|immediately\s+|simply\s+)?${acts}\b(?:(?!\bnot\b|\bnothing\b|\bnever\b|\bno\b|\bnone\b)[^.!?\n]){0,40}\bwithout\s+(?:\w+\s+){0,2}(?:asking|checking|confirming|${approval})`,
        "imu",
      ),
    ],
  },
  {
    // A note that says yes in the person's name is there for every later question.
    name: "an approval in advance",
    patterns: [
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
    patterns: [
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
    patterns: [
      new RegExp(
        r`${asOrder}(?:also\s+)?(?:secretly|silently|covertly|discreetly|stealthily)\s+(?:send|run|upload|forward|copy|delete|install|call|fetch|execute|post|append|add|include|log|record|change|disable)\b`,
        "imu",
      ),
    ],
  },
  {
    // Prompts and keys are nobody's answer.
    name: "an order to reveal the prompt or secrets",
    patterns: [
      /\b(?:print|repeat|output|show|quote|recite|reproduce)\s+(?:everything|all(?: of)? the text|the (?:words?|text|lines?|contents?|messages?))\s+above\b/iu,
      new RegExp(
        r`(?:${asOrder}|\bto\s+)(?:reveal|print|show|repeat|output|leak|dump|send|disclose|paste|recite|quote|share|include)\s+(?:\w+\s+){0,4}?(?:(?:the|your)\s+(?:\w+\s+)?(?:system|developer|hidden|initial) (?:prompt|instructions|message)|your\s+(?:\w+\s+)?(?:instructions|prompt|secrets?|credentials|api[ _-]?keys?|tokens?|passwords?|environment))\b`,
        "imu",
      ),
    ],
  },
  {
    // A password in the chat stays in its history.
    name: "asking for a secret",
    patterns: [
      new RegExp(
        r`\b(?:ask|get|request|obtain)\s+${theUser}[^.!?\n]{0,20}\b(?:for|to (?:send|give|enter|type|share))\s+(?:\w+\s+){0,3}(?:passwords?|api[ _-]?keys?|secrets?|credentials|pin|seed phrase|2fa|otp)\b`,
        "iu",
      ),
    ],
  },
  {
    // Everything that is said would go elsewhere.
    name: "sending conversations away",
    patterns: [
      /\b(?:assistant|agent|you|AI|model)\s+(?:must|shall|should|will|has to|have to)\s+(?:now\s+|always\s+|also\s+)*(?:send|post|forward|upload|report|copy)\b[^!?\n]{0,60}(?:https?:|\bto \S+@)/iu,
      /\b(?:send|post|forward|upload|copy|exfiltrate|transmit|e-?mail|leak|report|sync|submit)\b[^!?\n]{0,40}\b(?:all|every|each|any|whole|entire|full)\b[^!?\n]{0,40}\b(?:conversations?|chats?|messages?|e-?mails?|mails?|files|notes|history|attachments|replies|answers|documents|transcripts?|contacts)\b[^!?\n]{0,60}(?:https?:|\bto \S+@)/iu,
      /\b(?:send|post|forward|upload|copy|exfiltrate|transmit|e-?mail|leak|submit)\b[^!?\n]{0,60}\b(?:conversations?|chat history|secrets?|(?:api |private |ssh )?keys?|tokens?|passwords?|credentials|system prompt|your memory|environment variables|cookies)\b[^!?\n]{0,60}(?:https?:|\bto \S+@)/iu,
    ],
  },
  {
    // A reply that loads or names an address tells its owner what was said.
    name: "an address in every reply",
    patterns: [
      /\b(?:append|include|add|send|post|insert|embed|load|fetch|visit|call|ping)\b[^!?\n]{0,80}\b(?:every|each|all(?: of)?(?: your)?)\s+(?:\w+\s+)?(?:reply|replies|answers?|responses?|turns?|sessions?|outputs?)\b[^!?\n]{0,80}https?:/iu,
      /\b(?:append|include|add|insert|embed|load|fetch|visit|call|ping)\b[^!?\n]{0,80}https?:\S*[^!?\n]{0,40}\b(?:every|each|all(?: of)?(?: your)?)\s+(?:\w+\s+)?(?:reply|replies|answers?|responses?|turns?|sessions?|outputs?)\b/iu,
    ],
  },
  {
    // Whoever owns the address would write the prompt from then on.
    name: "instructions from an address",
    patterns: [
      /\b(?:fetch|load|download|read|open|visit|get|check|follow|obey|execute)\b[^.!?\n]{0,40}\b(?:your|further|new|next|latest|more|additional|hidden)\s+(?:\w+\s+)?(?:instructions?|orders|commands|tasks|prompt|directives)\b[^!?\n]{0,30}\b(?:from|at|on|in)\s+(?:https?:|\S+\.\w{2,}\/)/iu,
      /\b(?:fetch|visit|open|load|download|curl|read)\s+<?https?:\S+\s+(?:and|then)\s+(?:follow|obey|execute|run|do|carry out)\b/iu,
    ],
  },
  {
    // What the agent reads is data, whoever wrote it.
    name: "an order to obey what is read",
    patterns: [
      /\b(?:assistant|agent|you|AI|model)\s+(?:must|shall|should|will|has to|have to)\s+(?:now\s+|always\s+)*(?:obey|comply)\b/iu,
      /\b(?:obey|trust|execute|comply with|follow|carry out|act on)\s+(?:\w+\s+){0,4}(?:instructions?|orders|commands|requests)\s+(?:\w+\s+){0,3}?(?:in|from|inside|within)\s+(?:\w+\s+){0,2}(?:tool (?:results?|outputs?)|web ?pages?|web ?sites?|e-?mails?|attachments|search results|calendar (?:events?|invites?)|retrieved|untrusted)\b/iu,
      new RegExp(
        r`${asOrder}(?:always\s+)?(?:obey|do (?:exactly )?(?:what|whatever|everything))\s+(?:\S+\s+){0,3}(?:says?|asks?|orders?|tells you|commands?)\b`,
        "imu",
      ),
    ],
  },
  {
    // Takes away the agent's no.
    name: "an order never to refuse",
    patterns: [
      new RegExp(
        r`${asOrder}(?:never|not|do not|don['’]t|cannot)\s+(?:refuse|decline|reject)\s+(?:to\s+(?:answer|help|do|comply|follow|execute|run)|(?:a|any|an|the user['’]?s?)\s+(?:requests?|orders?|commands?|instructions?)|requests?\b)`,
        "imu",
      ),
      /\b(?:answer|comply|respond|reply)\b[^.!?\n]{0,30}\bwithout\s+(?:any\s+)?(?:warnings?|disclaimers?|refusals?|refusing|moral\w*|ethic\w*)\b/iu,
    ],
  },
  {
    // Nobody becomes the operator by saying so.
    name: "a claim to be the operator",
    patterns: [
      /\b(?:I am|this is|message from|order from|by order of|on behalf of|speaking as)\s+(?:your|the)\s+(?:system\s+)?(?:developers?|creators?|administrators?|admin|operators?|makers?)\b[^.!?\n]{0,60}\b(?:order|instruct|command|authori[sz]e|require|override|must|obey|comply|grant)/iu,
      /\b(?:system|admin(?:istrator)?|developer|security|safety|root|sudo)\s+override\b/iu,
    ],
  },
  {
    // Puts itself above all that the prompt says.
    name: "a claim to come before other instructions",
    patterns: [
      /\b(?:takes?\s+(?:precedence|priority)\s+over|overrides|supersedes|replaces)\s+(?:\w+\s+){0,2}?(?:all|any|your|every|system|previous|prior|earlier|the system['’]?s?)\s+(?:\w+\s+){0,2}?(?:instructions?|rules|prompts?|guidelines|safety)\b/iu,
      /\b(?:highest|top|absolute|maximum)[ -]priority\s+(?:instructions?|orders?|directives?|system)\b/iu,
    ],
  },
  {
    // Speaks to who keeps the notes and skills, not to the person.
    name: "a message to the review or the curator",
    patterns: [
      /\b(?:note|message|instructions?|orders?|memo|hint|reminder)\s+(?:to|for)\s+(?:the\s+|any\s+|all\s+|every\s+)?(?:reviewer|review(?: agent| model)?|curator|memory (?:writer|agent|review(?:er)?)|next (?:agent|session|model)|future (?:agents?|sessions?|models?|assistants?)|summari[sz]er|AI|LLM|language model)s?\s*[:,;—–-]/iu,
      /\b(?:curator|reviewer|review|agent|assistant|AI|model|LLM|chatbot)s?\s*[:,]\s*(?:please\s+|you\s+|now\s+)*(?:save|keep|merge|delete|remove|promote|mark|pin|ignore|approve|archive|do not|don['’]t|must|should|store|remember|run|execute|send|forward|obey|always|never)\b/iu,
      /\b(?:curator|reviewer|background review|the review)\s+(?:must|should|shall|has to|will)\s+(?:now\s+|always\s+|never\s+|not\s+)?(?:save|keep|merge|delete|remove|promote|pin|approve|archive|add|store|ignore|apply|accept)\b/iu,
    ],
  },
  {
    // A text that copies itself into what is loaded again.
    name: "an order to save itself",
    patterns: [
      /\b(?:save|store|keep|record|write|register|persist|turn|make)\s+(?:this|these|the following|the above|that|it|everything(?: above)?)\b[^.!?\n]{0,30}\b(?:as|into|in)\s+(?:a|an|your)\s+(?:new\s+|permanent\s+)?skill\b/iu,
      /\b(?:save|store|add|write|put|commit|copy|append|remember|keep|record)\s+(?:(?:this|these|that|it|the following|everything)\s+(?:(?:instruction|rule|message|text|prompt|order)s?\s+)?)?(?:to|into|in)\s+(?:your\s+|the\s+|its\s+|long-term\s+|permanent\s+)*(?:memory|memories|notebooks?|system prompt)\b(?!\s+(?:book|card|stick|lane|box|foam|bank|album|game|of)\b)/iu,
      /\b(?:copy|repeat|propagate|replicate|include)\s+(?:this|these|the following)\s+(?:text|message|instructions?|note|prompt|rule)s?\b[^.!?\n]{0,40}\b(?:every|each|all|any|new|other|future)\b/iu,
      /\b(?:never|do not|don['’]t)\s+(?:remove|delete|forget|edit|overwrite|change)\s+this\s+(?:note|entry|memory|rule|instruction|skill)\b|\bthis\s+(?:note|entry|memory|rule|instruction)\s+(?:must not|may not|cannot|can['’]t|must never)\s+be\s+(?:removed|deleted|changed|edited)\b/iu,
    ],
  },
  {
    // Waits until it is read.
    name: "an order that waits to be read",
    patterns: [
      /\b(?:when(?:ever)?|if|once|as soon as|after)\s+you\s+(?:next\s+)?(?:read|see|load|process|summari[sz]e|review|parse|encounter)\s+(?:this|these)\b[^.!?\n]{0,80}\b(?:run|execute|send|fetch|call|visit|download|delete|follow|reply|respond|say|ignore|open|must|forward|upload)\b/iu,
    ],
  },
  {
    // The cheapest fraud: the right invoice, another account.
    name: "a swapped payment address",
    patterns: [
      /\b(?:replace|swap|substitute|exchange)\s+(?:\w+\s+){0,2}?(?:any|all|every|each|the|their|his|her)\s+(?:\w+\s+){0,2}?(?:ibans?|bank (?:details|accounts?)|account numbers?|(?:wallet|payment|bitcoin|crypto)(?: address(?:es)?)?)\b[^.!?\n]{0,40}\b(?:with|by|for)\b/iu,
      /\b(?:send|transfer|pay|wire)\b[^.!?\n]{0,60}\b(?:to|at)\s+(?:\w+\s+){0,3}(?:0x[0-9a-f]{40}|bc1[0-9a-z]{20,}|[13][1-9A-HJ-NP-Za-km-z]{25,34})\b/iu,
    ],
  },
];
