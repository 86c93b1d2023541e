/**
 * Whether a person corrects how the agent works. Conservative: what is missed here is found by the counters of the gate
 * later, and what is found wrongly costs a review. So a "no" counts only where it opens a message and goes on with what
 * is wanted instead, a rule only where it addresses the agent, and a bare "shorter" only where nothing else is said.
 */
const patterns: readonly RegExp[] = [
  // English
  /^no[,.!:]+ (?!thanks|thank you|worries|problem|need)\S/i,
  /^(that|this|it|your (answer|reply)|you)( is| was| are|'?s|'?re) (all |just |simply |still |again |completely )*(not (what i (asked|meant|wanted|said)|(quite )?(right|correct|true))|wrong|incorrect)\b/i,
  /^you got (it|that|this) (all |still |again )?wrong\b/i,
  /^(still |again )?(wrong|incorrect)(?=[.!,;:]|$)(?! (answer|number)\?)/i,
  /^(but )?you (forgot|missed|ignored|misunderstood|keep \w+ing)\b(?!.*\?$)/i,
  /\bi (didn'?t|did not|never) (ask|asked) (you )?(for|to)\b/i,
  /^((that|this|it|your (answer|reply))( is| was|'?s) |still |way |much |far |a (bit|little) )*too (long|short|verbose|wordy|formal|informal|casual|technical|complicated|detailed|vague|polite|chatty|many (words|lists|emojis?|bullet points))( again| for me)?[.!]*(?=[,;]|$)/i,
  /^(please |make (it|that|this) |keep (it|this|your (answers|replies)) |be |a (bit|little) |much |even )*(shorter|briefer|simpler|more (concise|detailed|formal|precise|direct)|less (formal|verbose|detailed|technical|chatty))(,? (please|next time))?[.!]*$/i,
  /^(please )?(use|write|say|take|prefer) [^.!?\n]{1,60}?(, not\b|,? instead of\b|,? rather than\b)/i,
  /(^|[.!?;\n] ?)(please )?(don'?t|do not) (ever )?(use|include|repeat|explain|apologi[sz]e|summari[sz]e|call me|format)\b(?![^.!?\n]*\b(yet|until|for now)\b)/i,
  /^just (give|tell|show) me the (answer|result|command|code)\b/i,
  /\b(i|we) (already |just )?(told|asked) you (to|not to|that|before|already|twice)\b/i,
  /\bi (already )?said (not to|no |don'?t)/i,
  /(^|[.!?;,\n] ?)(please )?(stop|quit) (doing|writing|using|adding|sending|saying|asking|repeating|making|giving|putting|calling|answering)\b/i,
  /(^|[.!?;\n] ?)(please )?(don'?t|do not|never) (ever )?(do|write|use|add|send|say|ask|repeat|make|give|put|call|answer|include)\b[^.!?\n]{0,80}\b(again|any ?more|anymore|ever|from now on|next time|in (the )?future)\b/i,
  /(^|[.!?;\n] ?)(please )?(always|never) (do|write|use|add|send|say|ask|make|give|put|call|answer|include|start|check|run|reply|keep|test|format|cite)\b/i,
  /\b(from now on|in (the )?future|next time),? (please |you |do|don'?t|always|never|use|write|answer|keep|ask)/i,
  // German
  /^(nein|nee)[,.!:]+ (?!danke)\S/i,
  /^(das (ist|war) (so |leider |schon wieder |wieder |immer noch )?(falsch|nicht (richtig|korrekt)|nicht (das,? )?was ich))/i,
  /^(das stimmt (so |leider |immer noch |doch )?nicht|(schon wieder |wieder )?falsch[.!,:]|(nicht so|so nicht)[.!,:]|ich meinte\b)/i,
  /^du hast (schon wieder |wieder |leider )?[^.!?\n]{0,60}\b(vergessen|übersehen|ignoriert|missverstanden)\b[.!]*$/i,
  /^((das (ist|war)|deine antwort (ist|war)) |viel |immer noch |schon wieder |wieder |etwas )*zu (lang|kurz|ausführlich|knapp|förmlich|technisch|kompliziert|umständlich|ungenau)[.!]*(?=[,;]|$)/i,
  /^(bitte |etwas |viel |noch |ein bisschen |mach('?s| es| das) |antworte |schreib |fass dich |jetzt )*(kürzer|länger|knapper|ausführlicher|einfacher|genauer|förmlicher|lockerer|höflicher)(,? bitte)?[.!]*$/i,
  /^(bitte )?(nimm|verwende|benutze?|nutze?|schreibe?|sage?) [^.!?\n]{1,60}?(, (nicht|keine?n?)\b| (an)?statt\b)/i,
  /(^|[.!?;\n] ?)(bitte )?(schreibe?|nimm|verwende|benutze?|nutze?|antworte|erkläre?|wiederhole?|entschuldige?) (mir |das |dich )?(bitte )?(nicht|keine?n?)\b/i,
  /^bitte (keine?|ohne) \p{L}+( mehr)?[.!]*$/iu,
  /^keine? \p{L}+ mehr,? bitte[.!]*$/iu,
  /^(bitte )?(duz|siez)e? mich\b/i,
  /\bich (habe?|hatte) (dir|es dir|ihnen|es ihnen) (doch |schon |bereits )?(schon |mehrmals |zweimal )?gesagt\b/i,
  /\b(hör|hören sie) (bitte |endlich )?auf,? (damit|mit|zu|so|immer)\b/i,
  /\b(ab jetzt|von jetzt an|ab sofort|in zukunft|künftig|nächstes mal|beim nächsten mal)\b[^.!?\n]{0,60}\b(bitte|immer|nie|nicht|kein|keine|nur|ohne|mit|soll|sollst)\b/i,
  /(^|[.!?;\n] ?)(bitte )?(schreib|mach|nimm|verwende|benutze?|antworte|gib|frag)e? (mir )?(bitte )?(immer|nie|niemals|nie wieder)\b/i,
  // French
  /^non[,.!:]+ (?!merci)\S/i,
  /^(c'est (encore |toujours )?(trop (long|court|compliqué)|faux)|trop (long|court))[.!]*$/i,
  /^plus (court|simple|concis|précis)(,? s'il (te|vous) pla[iî]t)?[.!]*$/i,
  /\bje (t'|te l'|vous )(ai|l'ai|avais) (déjà )?(dit|demandé)\b/i,
  /(^|[.!?;\n] ?)(arrête|arrêtez|cesse|cessez) (de|d')\s?\S/i,
  /\b(désormais|dorénavant|à l'avenir|la prochaine fois)\b/i,
  // Spanish
  /^no[,.!:]+ (eso|así|quiero|quería|te|no|usa|hazlo|es)\b/i,
  /^((eso|esto) (es|está) (mal|incorrecto)|(es )?demasiado (largo|corto))[.!]*$/i,
  /^más (corto|breve|simple|sencillo)(,? por favor)?[.!]*$/i,
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

/** What a group writes before each message (turn/plan.ts) is not said by the person; phones write curly apostrophes. */
const plain = (text: string): string => text.replaceAll(/^\[[^\]\n]{1,120}\] /gm, "").replaceAll("’", "'");

/** Longer texts are material rather than a remark: a mail to translate, or a skill, may well say "from now on". */
const maxRemarkLength = 600;

export function isCorrection(text: string): boolean {
  const said = plain(text);
  if (said.length > maxRemarkLength) return false;
  // Messages that were taken together stand apart by an empty line.
  const messages = said.split("\n\n").map((message) => message.trim());
  return messages.some((message) => patterns.some((pattern) => pattern.test(message)));
}
