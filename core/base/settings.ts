/** Values by environment name, handed in by a composition root; a name without a value is absent or empty. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** A value that a member (platform, provider, shell) can be given from outside. */
export interface SettingSpec {
  /** Its environment name. */
  name: string;
  /** Without every required one the member is off. */
  required: boolean;
  /** A secret is never logged, shown or handed to a shell. */
  secret: boolean;
  /** One line for `.env.example`: what it is and where to find it. */
  help: string;
}

/** A setting that changes something which works without it. */
export const optionalSetting = (name: string, help: string): SettingSpec => ({
  name,
  required: false,
  secret: false,
  help,
});

/** The names of required settings that have no value. */
export const missingSettings = (specs: readonly SettingSpec[], settings: Settings): string[] =>
  specs.filter((spec) => spec.required && !settings[spec.name]).map((spec) => spec.name);
