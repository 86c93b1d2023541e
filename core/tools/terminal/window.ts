import { headShare } from "../../shells/output-window.ts";

interface Parts {
  head: string;
  tail: string;
  /** Bytes that are missing between the two; 0 when they are one text. */
  omitted: number;
}

/** The first 40 % and the last 60 % of a text of more than `limitChars` characters, with a mark where something is missing. */
export function windowOfParts({ head, tail, omitted }: Parts, limitChars: number): { text: string; isWhole: boolean } {
  const whole = head + tail;
  if (omitted === 0 && whole.length <= limitChars) return { text: whole, isWhole: true };
  const headChars = Math.floor(limitChars * headShare);
  const tailChars = limitChars - headChars;
  const [first, last] = omitted === 0 ? [whole, whole] : [head, tail];
  const start = wholeCharacters(first.slice(0, headChars));
  const end = wholeCharacters(last.slice(Math.max(0, last.length - tailChars)));
  const left = whole.length - start.length - end.length + omitted;
  return { text: `${start}\n[… ${left} characters left out …]\n${end}`, isWhole: false };
}

/** Without the half of a surrogate pair that a cut left at either end. */
const wholeCharacters = (text: string): string => text.replace(/^[\uDC00-\uDFFF]/, "").replace(/[\uD800-\uDBFF]$/, "");
