/**
 * Whether a person corrects how the agent works. Conservative: what is missed here is found by the counters of the gate
 * later, and what is found wrongly costs a review. So a "no" counts only where it opens a message and goes on with what
 * is wanted instead, and a rule only where it addresses the agent.
 */
const patterns: readonly RegExp[] = [
  // English
  /^no[,.!:]+ (?!thanks|thank you|worries|problem|need)\S/i,
  /^(that'?s|this is|it'?s|you'?re|you got (it|that)) (all |still |again )?(not what i (asked|meant|wanted|said)|wrong|incorrect)\b/i,
  /\b(i|we) (already |just )?(told|asked) you (to|not to|that|before|already|twice)\b/i,
  /\bi (already )?said (not to|no |don'?t)/i,
  /(^|[.!?;,\n] ?)(please )?(stop|quit) (doing|writing|using|adding|sending|saying|asking|repeating|making|giving|putting|calling|answering)\b/i,
  /(^|[.!?;\n] ?)(please )?(don'?t|do not|never) (ever )?(do|write|use|add|send|say|ask|repeat|make|give|put|call|answer|include)\b[^.!?\n]{0,80}\b(again|any ?more|anymore|ever|from now on|next time|in (the )?future)\b/i,
  /(^|[.!?;\n] ?)(please )?(always|never) (do|write|use|add|send|say|ask|make|give|put|call|answer|include|start|check|run|reply|keep|test|format|cite)\b/i,
  /\b(from now on|in (the )?future|next time),? (please |you |do|don'?t|always|never|use|write|answer|keep|ask)/i,
  // German
  /^(nein|nee)[,.!:]+ (?!danke)\S/i,
  /^(das (ist|war) (so |schon wieder |wieder )?(falsch|nicht (das,? )?was ich))/i,
  /\bich (habe?|hatte) (dir|es dir|ihnen|es ihnen) (doch |schon |bereits )?(schon |mehrmals |zweimal )?gesagt\b/i,
  /\b(hör|hören sie) (bitte |endlich )?auf,? (damit|mit|zu|so|immer)\b/i,
  /\b(ab jetzt|von jetzt an|ab sofort|in zukunft|künftig|nächstes mal|beim nächsten mal)\b[^.!?\n]{0,60}\b(bitte|immer|nie|nicht|kein|keine|nur|ohne|mit|soll|sollst)\b/i,
  /(^|[.!?;\n] ?)(bitte )?(schreib|mach|nimm|verwende|benutze?|antworte|gib|frag)e? (mir )?(bitte )?(immer|nie|niemals|nie wieder)\b/i,
  // French
  /^non[,.!:]+ (?!merci)\S/i,
  /\bje (t'|te l'|vous )(ai|l'ai|avais) (déjà )?(dit|demandé)\b/i,
  /(^|[.!?;\n] ?)(arrête|arrêtez|cesse|cessez) (de|d')\s?\S/i,
  /\b(désormais|dorénavant|à l'avenir|la prochaine fois)\b/i,
  // Spanish
  /^no[,.!:]+ (eso|así|quiero|quería|te|no|usa|hazlo|es)\b/i,
  /\b(ya )?te (lo )?(dije|he dicho|había dicho|pedí)\b/i,
  /(^|[.!?;\n¡] ?)deja de \S/i,
  /\b(de ahora en adelante|a partir de ahora|la próxima vez)\b/i,
  // Portuguese
  /^não[,.!:]+ (?!obrigad)\S/i,
  /\b(já )?te (disse|falei|pedi)\b|\beu já (disse|falei|pedi)\b/i,
  /(^|[.!?;\n] ?)(pare|para) de \p{L}+r\b/iu,
  /\b(de agora em diante|a partir de agora|da próxima vez)\b/i,
  // Italian
  /^no[,.!:]+ (non|voglio|volevo|così|usa|questo)\b/i,
  /\bte l'ho (già )?detto\b|\bti ho (già )?(detto|chiesto)\b/i,
  /(^|[.!?;\n] ?)smetti(la)? di \S/i,
  /\b(d'ora in poi|la prossima volta)\b/i,
  // Dutch
  /^nee[,.!:]+ (?!bedankt|dank)\S/i,
  /\bik heb (je|het je|u) (al |toch )?gezegd\b/i,
  /\b(vanaf nu|voortaan|de volgende keer)\b/i,
  /(^|[.!?;\n] ?)(hou|stop) (alsjeblieft )?(eens )?(op )?met \S/i,
  // Chinese, Japanese, Korean, Russian
  /(不要再|别再|我说过|我已经说|以后(请|都|不要|别)|从现在开始)/,
  /(もう言った|前にも言|二度と|これからは|今後は|じゃなくて|ではなくて、)/,
  /(다시는|앞으로는|말했잖아|라고 했잖아)/,
  /(^|[.!?;\n] ?)(нет, (?!спасибо)|перестань(те)? )|я (же |уже )*(говорил|сказал|просил)|(впредь|в следующий раз|с этого момента)/i,
];

/** What a group writes before each message (turn/plan.ts) is not said by the person. */
const withoutSender = (text: string): string => text.replaceAll(/^\[[^\]\n]{1,120}\] /gm, "");

/** Longer texts are material rather than a remark: a mail to translate, or a skill, may well say "from now on". */
const maxRemarkLength = 600;

export function isCorrection(text: string): boolean {
  const said = withoutSender(text);
  if (said.length > maxRemarkLength) return false;
  // Messages that were taken together stand apart by an empty line.
  const messages = said.split("\n\n").map((message) => message.trim());
  return messages.some((message) => patterns.some((pattern) => pattern.test(message)));
}
