/** Orders in English that give something away, or let somebody in, with the reason for each rule. */
import { asOrder, theUser } from "./phrases.ts";
import type { ThreatRule } from "./rule.ts";

const r = String.raw;

export const lures: readonly ThreatRule[] = [
  {
    // Prompts and keys are nobody's answer.
    name: "an order to reveal the prompt or secrets",
    words: "above prompt instruction message secret credential key token password environment",
    patterns: () => [
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
    words: "password key secret credential pin phrase 2fa otp",
    patterns: () => [
      new RegExp(
        r`\b(?:ask|get|request|obtain)\s+${theUser}[^.!?\n]{0,20}\b(?:for|to (?:send|give|enter|type|share))\s+(?:\w+\s+){0,3}(?:passwords?|api[ _-]?keys?|secrets?|credentials|pin|seed phrase|2fa|otp)\b`,
        "iu",
      ),
    ],
  },
  {
    // Everything that is said would go elsewhere.
    name: "sending conversations away",
    words: "http @",
    patterns: () => [
      /\b(?:assistant|agent|you|AI|model)\s+(?:must|shall|should|will|has to|have to)\s+(?:now\s+|always\s+|also\s+)*(?:send|post|forward|upload|report|copy)\b[^!?\n]{0,60}(?:https?:|\bto \S+@)/iu,
      /\b(?:send|post|forward|upload|copy|exfiltrate|transmit|e-?mail|leak|report|sync|submit)\b[^!?\n]{0,40}\b(?:all|every|each|any|whole|entire|full)\b[^!?\n]{0,40}\b(?:conversations?|chats?|messages?|e-?mails?|mails?|files|notes|history|attachments|replies|answers|documents|transcripts?|contacts)\b[^!?\n]{0,60}(?:https?:|\bto \S+@)/iu,
      /\b(?:send|post|forward|upload|copy|exfiltrate|transmit|e-?mail|leak|submit)\b[^!?\n]{0,60}\b(?:conversations?|chat history|secrets?|(?:api |private |ssh )?keys?|tokens?|passwords?|credentials|system prompt|your memory|environment variables|cookies)\b[^!?\n]{0,60}(?:https?:|\bto \S+@)/iu,
    ],
  },
  {
    // A reply that loads or names an address tells its owner what was said.
    name: "an address in every reply",
    words: "http",
    patterns: () => [
      /\b(?:append|include|add|send|post|insert|embed|load|fetch|visit|call|ping)\b[^!?\n]{0,80}\b(?:every|each|all(?: of)?(?: your)?)\s+(?:\w+\s+)?(?:reply|replies|answers?|responses?|turns?|sessions?|outputs?)\b[^!?\n]{0,80}https?:/iu,
      /\b(?:append|include|add|insert|embed|load|fetch|visit|call|ping)\b[^!?\n]{0,80}https?:\S*[^!?\n]{0,40}\b(?:every|each|all(?: of)?(?: your)?)\s+(?:\w+\s+)?(?:reply|replies|answers?|responses?|turns?|sessions?|outputs?)\b/iu,
    ],
  },
  {
    // Whoever owns the address would write the prompt from then on.
    name: "instructions from an address",
    words: "instruction orders commands tasks prompt directive http",
    patterns: () => [
      /\b(?:fetch|load|download|read|open|visit|get|check|follow|obey|execute)\b[^.!?\n]{0,40}\b(?:your|further|new|next|latest|more|additional|hidden)\s+(?:\w+\s+)?(?:instructions?|orders|commands|tasks|prompt|directives)\b[^!?\n]{0,30}\b(?:from|at|on|in)\s+(?:https?:|\S+\.\w{2,}\/)/iu,
      /\b(?:fetch|visit|open|load|download|curl|read)\s+<?https?:\S+\s+(?:and|then)\s+(?:follow|obey|execute|run|do|carry out)\b/iu,
    ],
  },
  {
    // What the agent reads is data, whoever wrote it.
    name: "an order to obey what is read",
    words: "obey trust execut comply follow carry act do",
    patterns: () => [
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
    words: "refus declin reject without",
    patterns: () => [
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
    words: "your the override",
    patterns: () => [
      /\b(?:I am|this is|message from|order from|by order of|on behalf of|speaking as)\s+(?:your|the)\s+(?:system\s+)?(?:developers?|creators?|administrators?|admin|operators?|makers?)\b[^.!?\n]{0,60}\b(?:order|instruct|command|authori[sz]e|require|override|must|obey|comply|grant)/iu,
      /\b(?:system|admin(?:istrator)?|developer|security|safety|root|sudo)\s+override\b/iu,
    ],
  },
  {
    // Puts itself above all that the prompt says.
    name: "a claim to come before other instructions",
    words: "precedence priority overrides supersedes replaces",
    patterns: () => [
      /\b(?:takes?\s+(?:precedence|priority)\s+over|overrides|supersedes|replaces)\s+(?:\w+\s+){0,2}?(?:all|any|your|every|system|previous|prior|earlier|the system['’]?s?)\s+(?:\w+\s+){0,2}?(?:instructions?|rules|prompts?|guidelines|safety)\b/iu,
      /\b(?:highest|top|absolute|maximum)[ -]priority\s+(?:instructions?|orders?|directives?|system)\b/iu,
    ],
  },
  {
    // Speaks to who keeps the notes and skills, not to the person.
    name: "a message to the review or the curator",
    words: "review curator agent session model memory assistant summar ai llm bot",
    patterns: () => [
      /\b(?:note|message|instructions?|orders?|memo|hint|reminder)\s+(?:to|for)\s+(?:the\s+|any\s+|all\s+|every\s+)?(?:reviewer|review(?: agent| model)?|curator|memory (?:writer|agent|review(?:er)?)|next (?:agent|session|model)|future (?:agents?|sessions?|models?|assistants?)|summari[sz]er|AI|LLM|language model)s?\s*[:,;—–-]/iu,
      /\b(?:curator|reviewer|review|agent|assistant|AI|model|LLM|chatbot)s?\s*[:,]\s*(?:please\s+|you\s+|now\s+)*(?:save|keep|merge|delete|remove|promote|mark|pin|ignore|approve|archive|do not|don['’]t|must|should|store|remember|run|execute|send|forward|obey|always|never)\b/iu,
      /\b(?:curator|reviewer|background review|the review)\s+(?:must|should|shall|has to|will)\s+(?:now\s+|always\s+|never\s+|not\s+)?(?:save|keep|merge|delete|remove|promote|pin|approve|archive|add|store|ignore|apply|accept)\b/iu,
    ],
  },
  {
    // A text that copies itself into what is loaded again.
    name: "an order to save itself",
    words: "skill memor notebook prompt this these following",
    patterns: () => [
      /\b(?:save|store|keep|record|write|register|persist|turn|make)\s+(?:this|these|the following|the above|that|it|everything(?: above)?)\b[^.!?\n]{0,30}\b(?:as|into|in)\s+(?:a|an|your)\s+(?:new\s+|permanent\s+)?skill\b/iu,
      /\b(?:save|store|add|write|put|commit|copy|append|remember|keep|record)\s+(?:(?:this|these|that|it|the following|everything)\s+(?:(?:instruction|rule|message|text|prompt|order)s?\s+)?)?(?:to|into|in)\s+(?:your\s+|the\s+|its\s+|long-term\s+|permanent\s+)*(?:memory|memories|notebooks?|system prompt)\b(?!\s+(?:book|card|stick|lane|box|foam|bank|album|game|of)\b)/iu,
      /\b(?:copy|repeat|propagate|replicate|include)\s+(?:this|these|the following)\s+(?:text|message|instructions?|note|prompt|rule)s?\b[^.!?\n]{0,40}\b(?:every|each|all|any|new|other|future)\b/iu,
      /\b(?:never|do not|don['’]t)\s+(?:remove|delete|forget|edit|overwrite|change)\s+this\s+(?:note|entry|memory|rule|instruction|skill)\b|\bthis\s+(?:note|entry|memory|rule|instruction)\s+(?:must not|may not|cannot|can['’]t|must never)\s+be\s+(?:removed|deleted|changed|edited)\b/iu,
    ],
  },
  {
    // Waits until it is read.
    name: "an order that waits to be read",
    words: "you",
    patterns: () => [
      /\b(?:when(?:ever)?|if|once|as soon as|after)\s+you\s+(?:next\s+)?(?:read|see|load|process|summari[sz]e|review|parse|encounter)\s+(?:this|these)\b[^.!?\n]{0,80}\b(?:run|execute|send|fetch|call|visit|download|delete|follow|reply|respond|say|ignore|open|must|forward|upload)\b/iu,
    ],
  },
  {
    // The cheapest fraud: the right invoice, another account.
    name: "a swapped payment address",
    words: "replace swap substitute exchange send transfer pay wire",
    patterns: () => [
      /\b(?:replace|swap|substitute|exchange)\s+(?:\w+\s+){0,2}?(?:any|all|every|each|the|their|his|her)\s+(?:\w+\s+){0,2}?(?:ibans?|bank (?:details|accounts?)|account numbers?|(?:wallet|payment|bitcoin|crypto)(?: address(?:es)?)?)\b[^.!?\n]{0,40}\b(?:with|by|for)\b/iu,
      /\b(?:send|transfer|pay|wire)\b[^.!?\n]{0,60}\b(?:to|at)\s+(?:\w+\s+){0,3}(?:0x[0-9a-f]{40}|bc1[0-9a-z]{20,}|[13][1-9A-HJ-NP-Za-km-z]{25,34})\b/iu,
    ],
  },
];
