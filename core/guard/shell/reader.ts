import { choiceOf, variantsOf } from "./choices.ts";
import { expandBraces, unescape } from "./expand.ts";
import { perform } from "./perform.ts";
import { isForeignSource } from "./output.ts";
import { closingBrace, closingParenthesis, closingQuote } from "./scan.ts";
import { type Draft, mostDepth, type Outcome, type Session } from "./session.ts";
import { foreignMark, unknownMark } from "./simple-command.ts";
import { parameter, valueOf } from "./variables.ts";

const reserved = new Set(["if", "then", "elif", "else", "fi", "do", "done", "while", "until", "esac", "!", "{", "}"]);
const nothing: Outcome = { output: undefined, feeders: [] };

/** Reads a text of shell as bash would, as far as that is possible without running it. Made for one text. */
export class ScriptReader {
  readonly #text: string;
  readonly #session: Session;
  readonly #depth: number;
  #at = 0;
  #word: string | undefined;
  #isPlain = true;
  #hasBrace = false;
  #redirect: string | undefined;
  #draft: Draft = { words: [], redirects: [], feeders: [] };
  #stages: Draft[] = [];
  #heres: { delimiter: string; isPlain: boolean; here: { text: string } }[] = [];
  #outcomes: Outcome[] = [];
  /** Of what ended with `)` just now, should a pipe follow. */
  #carried: Outcome = nothing;
  #groups = 0;
  #cases = 0;

  constructor(text: string, session: Session, depth: number) {
    this.#text = text;
    this.#session = session;
    this.#depth = depth;
  }

  read(): Outcome {
    this.#session.remaining -= this.#text.length;
    if (this.#depth > mostDepth || this.#session.remaining < 0) {
      this.#session.isUnreadable = true;
      return nothing;
    }
    while (this.#at < this.#text.length && !(this.#session.isUnreadable && this.#session.remaining < 0)) this.#step();
    this.#endLine();
    return {
      output: this.#outcomes.map(({ output }) => output ?? unknownMark).join("\n"),
      feeders: this.#outcomes.flatMap(({ feeders }) => feeders),
    };
  }

  #step(): void {
    const character = this.#text[this.#at]!;
    if (character === "\n") this.#endLine();
    else if (character === " " || character === "\t" || character === "\r") this.#endWord();
    else if (character === "\\") return this.#backslash();
    else if (character === "'") return this.#single();
    else if (character === '"') return this.#double();
    else if (character === "$") return this.#dollar(false);
    else if (character === "`") return this.#backtick(false);
    else if (character === "#" && this.#word === undefined) return this.#comment();
    else if (";&|()<>".includes(character)) return this.#operator(character);
    else this.#append(character);
    this.#at += 1;
  }

  #append(text: string): void {
    if (text === "{") this.#hasBrace = true;
    if (text === "~" && this.#word === undefined) this.#word = this.#session.environment.get("HOME") ?? "~";
    else this.#word = (this.#word ?? "") + text;
  }

  #quoted(text: string): void {
    this.#isPlain = false;
    this.#word = (this.#word ?? "") + text;
  }

  /** Without quotes, blanks in a value divide words. */
  #expanded(value: string, isQuoted: boolean): void {
    this.#session.remaining -= value.length;
    if (this.#session.remaining < 0) return this.#giveUp();
    if (isQuoted) return this.#quoted(value);
    this.#isPlain = false;
    if (value === unknownMark) this.#guess();
    for (const [index, piece] of value.split(/\s+/).entries()) {
      if (index > 0) this.#endWord();
      if (piece !== "") this.#word = (this.#word ?? "") + piece;
    }
  }

  /** A value that is not known here divides into words, or is replaced by a default: at the place of a program that matters. */
  #guess(): void {
    if (this.#redirect !== undefined) return;
    const { words } = this.#draft;
    const word = this.#word ?? "";
    const isAssignment = (each: string) => /^[A-Za-z_]\w{0,80}\+?=/.test(each);
    if (word === "" && words.every((each) => each === "" || isAssignment(each))) this.#draft.isGuess = true;
    if ((words[0] ?? word) === "eval") this.#draft.isGuess = true;
  }

  #backslash(): void {
    const next = this.#text[this.#at + 1];
    if (next !== undefined && next !== "\n") this.#quoted(next);
    this.#at += 2;
  }

  #single(): void {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) return this.#giveUp();
    this.#quoted(this.#text.slice(this.#at + 1, end));
    this.#at = end + 1;
  }

  #double(): void {
    this.#quoted("");
    this.#at += 1;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) return this.#giveUp();
      if (character === '"') break;
      this.#insideDouble(character);
    }
    this.#at += 1;
  }

  #insideDouble(character: string): void {
    if (character === "$") return this.#dollar(true);
    if (character === "`") return this.#backtick(true);
    if (character !== "\\") {
      this.#quoted(character);
      this.#at += 1;
      return;
    }
    const next = this.#text[this.#at + 1] ?? "";
    if ('$`"\\'.includes(next)) this.#quoted(next);
    else if (next !== "\n") this.#quoted(`\\${next}`);
    this.#at += 2;
  }

  #dollar(isQuoted: boolean): void {
    const rest = this.#text.slice(this.#at + 1, this.#at + 80);
    if (rest.startsWith("(")) return this.#substitution(isQuoted);
    if (rest.startsWith("{")) return this.#braced(isQuoted);
    if (rest.startsWith("'") && !isQuoted) return this.#escaped();
    const name = /^(?:[A-Za-z_]\w*|[0-9@*#?$!-])/.exec(rest)?.[0];
    if (name === undefined) {
      if (!rest.startsWith('"') || isQuoted) this.#quoted("$");
      this.#at += 1;
      return;
    }
    this.#at += 1 + name.length;
    if (this.#session.choices.has(name)) return this.#quoted(choiceOf(name, isQuoted));
    // The arguments stay words between quotes.
    this.#expanded(valueOf(name, this.#session.environment), isQuoted && name !== "@");
  }

  #escaped(): void {
    const end = closingQuote(this.#text, this.#at + 2, "'");
    if (end < 0) return this.#giveUp();
    this.#quoted(unescape(this.#text.slice(this.#at + 2, end)));
    this.#at = end + 1;
  }

  #braced(isQuoted: boolean): void {
    const end = closingBrace(this.#text, this.#at + 2);
    if (end < 0) return this.#giveUp();
    const body = this.#text.slice(this.#at + 2, end);
    this.#at = end + 1;
    const name = /^(\w+)(?:$|[%#]|:?[-=])/.exec(body)?.[1];
    if (name !== undefined && this.#session.choices.has(name)) return this.#quoted(choiceOf(name, isQuoted));
    const value = parameter(body, this.#session.environment, (text) => {
      this.#guess();
      return this.#textOf(text);
    });
    // Where nothing stands, the running shell may still see a program.
    if (value === "" && this.#draft.isGuess) return this.#quoted(unknownMark);
    // The words of a list stay words between quotes; which of them one place means is not followed.
    this.#expanded(value, isQuoted && !body.endsWith("]") && body !== "@");
  }

  /** The value of a text within double quotes: a default, the lines of a here-document. */
  #textOf(text: string): string {
    if (!/[$`\\]/.test(text)) return text;
    if (this.#depth >= mostDepth) return unknownMark;
    this.#session.remaining -= text.length;
    const inner = new ScriptReader(text, this.#session, this.#depth + 1);
    const value = inner.#wholeAsQuoted();
    this.#draft.feeders.push(...inner.#draft.feeders);
    return value;
  }

  #wholeAsQuoted(): string {
    while (this.#at < this.#text.length) this.#insideDouble(this.#text[this.#at]!);
    return this.#word ?? "";
  }

  #substitution(isQuoted: boolean): void {
    const end = closingParenthesis(this.#text, this.#at + 2);
    if (end < 0) return this.#giveUp();
    const body = this.#text.slice(this.#at + 2, end);
    this.#at = end + 1;
    if (body.startsWith("(") && body.endsWith(")")) return this.#expanded(unknownMark, isQuoted);
    this.#insert(body, isQuoted);
  }

  #backtick(isQuoted: boolean): void {
    const end = closingQuote(this.#text, this.#at + 1, "`");
    if (end < 0) return this.#giveUp();
    const body = this.#text.slice(this.#at + 1, end).replace(/\\([`$\\])/g, "$1");
    this.#at = end + 1;
    this.#insert(body, isQuoted);
  }

  /** What a command prints takes the place of it. */
  #insert(body: string, isQuoted: boolean): void {
    const { output, feeders } = this.#session.read(body, this.#depth + 1);
    this.#draft.feeders.push(...feeders);
    const isForeign = feeders.some((name) => isForeignSource(name));
    const text = (output ?? unknownMark).replace(/\n+$/, "");
    this.#expanded(isForeign && text.includes(unknownMark) ? foreignMark : text, isQuoted);
  }

  #comment(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  #operator(character: string): void {
    if (character === "<" || character === ">") return this.#redirection();
    if (character === "(") return this.#open();
    const pair = this.#text.slice(this.#at, this.#at + 2);
    if (pair === "&>") return this.#redirection();
    this.#at += pair === "&&" || pair === "||" || pair === "|&" || pair === ";;" ? 2 : 1;
    if (pair === "|&" || (character === "|" && pair !== "||")) return this.#endStage();
    if (character === ")") return this.#close();
    this.#endPipeline();
  }

  #open(): void {
    const isList = this.#word !== undefined && /^[A-Za-z_]\w{0,80}\+?=$/.test(this.#word);
    if (isList) {
      const end = closingParenthesis(this.#text, this.#at + 1);
      if (end < 0) return this.#giveUp();
      // A list: its words stand for the variable.
      this.#word += this.#text.slice(this.#at + 1, end).trim();
      this.#at = end + 1;
      return;
    }
    this.#at += 1;
    if (this.#text[this.#at] === ")") {
      // A function is named; its body is read as if it ran.
      this.#at += 1;
      this.#word = undefined;
      this.#draft.words = [];
      return;
    }
    this.#endPipeline();
    this.#groups += 1;
  }

  #close(): void {
    if (this.#cases > 0 && this.#groups === 0) {
      this.#word = undefined;
      this.#draft = { words: [], redirects: [], feeders: [] };
      return;
    }
    this.#groups = Math.max(0, this.#groups - 1);
    this.#endPipeline();
    this.#carried = this.#outcomes.at(-1) ?? nothing;
  }

  #redirection(): void {
    const operator =
      /^(?:&>>?|<<<|<<-?|<>|<&|>>|>&|>\||<|>)/.exec(this.#text.slice(this.#at, this.#at + 3))?.[0] ?? "<";
    if ((operator === "<" || operator === ">") && this.#text[this.#at + 1] === "(") return this.#processAsFile();
    if (/^\d+$/.test(this.#word ?? "") && this.#isPlain) this.#word = undefined;
    this.#endWord();
    this.#redirect = operator;
    this.#at += operator.length;
  }

  #processAsFile(): void {
    const end = closingParenthesis(this.#text, this.#at + 2);
    if (end < 0) return this.#giveUp();
    const body = this.#text.slice(this.#at + 2, end);
    this.#at = end + 1;
    const { output, feeders } = this.#session.read(body, this.#depth + 1);
    this.#draft.feeders.push(...feeders);
    const isForeign = feeders.some((name) => isForeignSource(name));
    const name = `/dev/fd/${isForeign ? foreignMark : unknownMark}${this.#session.files.size}`;
    if (output !== undefined && !output.includes(unknownMark)) this.#session.files.set(name, output);
    this.#quoted(name);
  }

  #endWord(): void {
    const word = this.#word;
    if (word === undefined) return;
    const [isPlain, hasBrace] = [this.#isPlain, this.#hasBrace];
    this.#word = undefined;
    this.#isPlain = true;
    this.#hasBrace = false;
    if (this.#redirect !== undefined) return this.#redirected(word, isPlain);
    const { words } = this.#draft;
    if (isPlain && words.length === 0 && reserved.has(word)) {
      if (word === "esac") this.#cases -= 1;
      return;
    }
    words.push(...(hasBrace ? expandBraces(word) : [word]));
  }

  #redirected(word: string, isPlain: boolean): void {
    const operator = this.#redirect ?? "";
    this.#redirect = undefined;
    if (operator === "<<<") this.#draft.here = { text: word };
    else if (operator.startsWith("<<")) {
      const here = { text: "" };
      this.#draft.here = here;
      this.#heres.push({ delimiter: word, isPlain, here });
    } else this.#draft.redirects.push({ operator, target: word });
  }

  #endLine(): void {
    this.#endWord();
    for (const { delimiter, isPlain, here } of this.#heres) {
      const lines: string[] = [];
      while (this.#at < this.#text.length) {
        const from = this.#at + 1;
        const end = this.#text.indexOf("\n", from);
        const line = this.#text.slice(from, end < 0 ? undefined : end);
        this.#at = end < 0 ? this.#text.length : end;
        if (line.replace(/^\t+/, "") === delimiter) break;
        lines.push(line);
      }
      here.text = isPlain ? this.#textOf(lines.join("\n")) : lines.join("\n");
    }
    this.#heres = [];
    this.#endPipeline();
  }

  #endStage(): void {
    this.#endWord();
    const { words, redirects } = this.#draft;
    if (words.length > 0 || redirects.length > 0) this.#stages.push(this.#draft);
    this.#draft = { words: [], redirects: [], feeders: [] };
  }

  #endPipeline(): void {
    this.#endStage();
    if (this.#stages.length === 0) return;
    const stages = this.#stages;
    this.#stages = [];
    const carried = this.#carried;
    this.#carried = nothing;
    for (const draft of stages) if (draft.words[0] === "case") this.#cases += 1;
    for (const variant of variantsOf(stages, this.#session)) {
      let outcome = carried;
      for (const draft of variant) outcome = perform(draft, outcome, this.#session, this.#depth);
      this.#outcomes.push(outcome);
    }
  }

  /** A quote or a bracket without an end. */
  #giveUp(): void {
    this.#session.isUnreadable = true;
    this.#at = this.#text.length;
  }
}
