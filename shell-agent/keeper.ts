import { mkdtemp, rm, utimes, writeFile, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../core/base/errors.ts";
import type { SaveTarget } from "../core/shells/exec-agent/protocol.ts";
import { restoreArchive, saveArchive } from "./archive.ts";
import { exitCodeOf, spawnAsUser, type Account } from "./user.ts";

/** Keeps the workspace's files beyond the machine: restores them once, saves them from time to time. */
export class Keeper {
  readonly #account: Account;
  readonly #marker: string;
  #target: SaveTarget | undefined;
  #saving: Promise<void> | undefined;
  #savedAt: number | undefined;
  #watch: NodeJS.Timeout;

  private constructor(account: Account, marker: string, everyMs: number) {
    this.#account = account;
    this.#marker = marker;
    // Waits between saves, so that a large home is not saved all the time.
    this.#watch = setInterval(() => void this.#saveChanges(), everyMs).unref();
  }

  static async open(account: Account, everyMs: number): Promise<Keeper> {
    const folder = await mkdtemp(join(tmpdir(), "talaria-agent-"));
    // The user compares its files with the marker's time.
    await chmod(folder, 0o755);
    const marker = join(folder, "saved");
    await writeFile(marker, "");
    return new Keeper(account, marker, everyMs);
  }

  get savedAt(): number | undefined {
    return this.#savedAt;
  }

  saveTo(target: SaveTarget): void {
    if (target.until > (this.#target?.until ?? 0)) this.#target = target;
  }

  /** The first archive that is there. Throws when one may be there but could not be had: beginning empty would lose it. */
  async restore(urls: readonly string[]): Promise<{ from: number; savedAt: string } | undefined> {
    for (const [from, url] of urls.entries()) {
      const savedAt = await restoreArchive(this.#account, url);
      if (savedAt !== undefined) return { from, savedAt };
    }
    return undefined;
  }

  /** Saves what is there now. A save that runs already may have missed the last change, so another one follows it. */
  async save(): Promise<void> {
    while (this.#saving) await this.#saving.catch(() => {});
    this.#saving = this.#saveNow().finally(() => (this.#saving = undefined));
    await this.#saving;
  }

  /** Like `save`, but not when nothing has changed since the last one. */
  async saveLast(): Promise<void> {
    if (this.#savedAt === undefined || (await this.#isChanged())) await this.save();
  }

  async close(): Promise<void> {
    clearInterval(this.#watch);
    await this.#saving?.catch(() => {});
    await rm(join(this.#marker, ".."), { recursive: true, force: true });
  }

  async #saveNow(): Promise<void> {
    const target = this.#target;
    if (!target || target.until < Date.now()) throw new Error("there is nowhere to save to");
    const now = new Date();
    await saveArchive(this.#account, target.url);
    await utimes(this.#marker, now, now);
    this.#savedAt = now.getTime();
  }

  async #saveChanges(): Promise<void> {
    if (this.#saving || !this.#target) return;
    try {
      if (await this.#isChanged()) await this.save();
    } catch (error) {
      console.error(JSON.stringify({ event: "save.failed", error: messageOf(error) }));
    }
  }

  /** A file's content or mode, a name that came or went: each moves the change time of a file or of its folder. */
  async #isChanged(): Promise<boolean> {
    const look = `[ -n "$(find . -cnewer "$1" -print -quit 2>/dev/null)" ]`;
    return (await exitCodeOf(spawnAsUser(this.#account, ["sh", "-c", look, "sh", this.#marker], "ignore"))) === 0;
  }
}
