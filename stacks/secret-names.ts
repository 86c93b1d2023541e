/** A setting's name in the environment and as an SST secret: `TELEGRAM_BOT_TOKEN` is `TelegramBotToken`. Pure data. */

const words = (setting: string): string =>
  setting
    .toLowerCase()
    .split("_")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");

/** A secret's name has letters and digits only: of a name whose words would not be found again, `x` stands for `_`. */
const exactly = "Exactly";

/** Turns back into the setting's name, whatever that is: an operator chooses what is passed to commands. */
export const secretNameOf = (setting: string): string =>
  settingNameOf(words(setting)) === setting ? words(setting) : exactly + setting.replaceAll("_", "x");

export const settingNameOf = (secret: string): string =>
  /^Exactly[A-Z0-9]/.test(secret)
    ? secret.slice(exactly.length).replaceAll("x", "_")
    : secret.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();

/** The value of a secret that nobody has set: SST refuses to deploy without one. It counts as absent. */
export const unsetSecret = "unset";
