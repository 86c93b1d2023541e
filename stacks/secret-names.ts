/** A setting's name in the environment and as an SST secret: `TELEGRAM_BOT_TOKEN` is `TelegramBotToken`. Pure data. */

export const secretNameOf = (setting: string): string =>
  setting
    .toLowerCase()
    .split("_")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");

export const settingNameOf = (secret: string): string => secret.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();

/** The value of a secret that nobody has set: SST refuses to deploy without one. It counts as absent. */
export const unsetSecret = "unset";
