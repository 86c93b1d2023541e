/** Segments as they were written before, by the format of their texts (core/search/words.ts). */
import { DatabaseSync } from "node:sqlite";
import { searchRoles } from "../../../core/search/search.ts";
import { type TextFormat, textFormats } from "../../../core/search/words.ts";

const letter = String.raw`[\p{L}\p{N}\p{M}\p{Co}]`;
const scripts = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tai_Le}\p{Script=New_Tai_Lue}\p{Script=Tai_Tham}\p{Script=Tibetan}ー々〆]`;
const character = new RegExp(`[${letter}&&${scripts}]`, "gv");
const run = new RegExp(`${character.source}(?:[^${letter}]*${character.source})*`, "gv");

function trigramsOf(chars: string): string {
  const each = chars.match(character) ?? [];
  return ` ${each.map((_, at) => each.slice(at, at + 3).join("")).join(" ")} `;
}

const normalise = (text: string): string => text.toWellFormed().replaceAll("\0", " ").normalize("NFKC");
export const oldFormats = ["characters", "trigrams"] as const satisfies TextFormat[];
export type OldFormat = (typeof oldFormats)[number];

const indexTexts: Readonly<Record<OldFormat, (text: string) => string>> = {
  characters: (text) => normalise(text).replace(character, " $& "),
  trigrams: (text) => normalise(text).replace(run, trigramsOf),
};
/** Turns the file of a segment into the one that it would have been. */
export function makeOld(path: string, format: OldFormat): void {
  using database = new DatabaseSync(path);
  database.function("old_index_text", (text) => indexTexts[format](String(text)));
  database.exec(`
    PRAGMA user_version = ${textFormats.indexOf(format)};
    DROP TABLE words;
    CREATE VIRTUAL TABLE words USING fts5 (
      ${searchRoles.join(", ")}, content = '',
      tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
    );
    INSERT INTO words (rowid, ${searchRoles.join(", ")})
      SELECT id, ${searchRoles.map((_, role) => `iif(role = ${role}, old_index_text(text), NULL)`).join(", ")} FROM messages`);
}
