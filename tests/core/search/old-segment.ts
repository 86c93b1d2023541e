/** Segments as they were written before there were trigrams: each character of a script without spaces was a word. */
import { DatabaseSync } from "node:sqlite";
import { searchRoles } from "../../../core/search/search.ts";

const character =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tai_Le}\p{Script=New_Tai_Lue}\p{Script=Tai_Tham}\p{Script=Tibetan}ー々〆]/gu;

const oldIndexText = (text: string): string =>
  text.toWellFormed().replaceAll("\0", " ").normalize("NFKC").replace(character, " $& ");

/** Turns the file of a segment into the one that it would have been. */
export function makeOld(path: string): void {
  using database = new DatabaseSync(path);
  database.function("old_index_text", (text) => oldIndexText(String(text)));
  database.exec(`
    PRAGMA user_version = 0;
    INSERT INTO words (words) VALUES ('delete-all');
    INSERT INTO words (rowid, ${searchRoles.join(", ")})
      SELECT id, ${searchRoles.map((_, role) => `iif(role = ${role}, old_index_text(text), NULL)`).join(", ")} FROM messages`);
}
