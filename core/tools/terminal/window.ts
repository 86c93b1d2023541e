import { headShare } from "../../shells/output-window.ts";

/** The first 40 % and the last 60 % of a text of more than `limitChars` characters, with a mark where it was cut. */
export function windowOf(text: string, limitChars: number): string {
  if (text.length <= limitChars) return text;
  const headChars = Math.floor(limitChars * headShare);
  const head = wholeCharacters(text.slice(0, headChars));
  const tail = wholeCharacters(text.slice(text.length - (limitChars - headChars)));
  return `${head}\n[… ${text.length - head.length - tail.length} characters left out …]\n${tail}`;
}

/** Without the half of a surrogate pair that a cut left at either end. */
const wholeCharacters = (text: string): string => text.replace(/^[\uDC00-\uDFFF]/, "").replace(/[\uD800-\uDBFF]$/, "");
