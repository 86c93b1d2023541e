/** The place of the parenthesis that closes what was opened before `from`, or -1; quotes are stepped over. */
export function closingParenthesis(text: string, from: number): number {
  let open = 1;
  let quote = "";
  for (let at = from; at < text.length; at++) {
    const character = text[at]!;
    if (character === "\\" && quote !== "'") at += 1;
    else if (quote) quote = character === quote ? "" : quote;
    else if (character === "'" || character === '"') quote = character;
    else if (character === "(") open += 1;
    else if (character === ")" && --open === 0) return at;
  }
  return -1;
}

/** The place of the brace that closes `${`, or -1. */
export function closingBrace(text: string, from: number): number {
  let open = 1;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") at += 1;
    else if (character === "{") open += 1;
    else if (character === "}" && --open === 0) return at;
  }
  return -1;
}

/** The place of the quote character that ends a text where a backslash takes the meaning from it, or -1. */
export function closingQuote(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === quote) return at;
  }
  return -1;
}
