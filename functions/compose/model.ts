import { refused } from "../../core/base/errors.ts";
import { missingSettings, type Settings } from "../../core/base/settings.ts";
import { providers } from "../../core/providers/index.ts";
import type { Provider } from "../../core/providers/provider.ts";

export interface ChosenModel {
  provider: Provider;
  /** `provider/model`. */
  name: string;
}

/** `TALARIA_MODEL` is `provider/model` or a provider alone; without it the key that is there decides. */
export async function chooseModel(settings: Settings): Promise<ChosenModel> {
  const hasOpenAi = settings["OPENAI_API_KEY"] || settings["OPENAI_BASE_URL"];
  const wanted = settings["TALARIA_MODEL"] || (hasOpenAi ? "openai" : "bedrock");
  const [providerName = "", ...rest] = wanted.split("/");
  const load = Object.hasOwn(providers, providerName) ? providers[providerName] : undefined;
  if (!load) {
    const known = Object.keys(providers).join(", ");
    throw refused(`TALARIA_MODEL names the provider “${providerName}”. I know: ${known}.`, { code: "model.provider" });
  }
  const provider = await load();
  return { provider, name: `${providerName}/${rest.join("/") || provider.defaultModel}` };
}

export async function connectModel(settings: Settings) {
  const { provider, name } = await chooseModel(settings);
  const missing = missingSettings(provider.settings, settings);
  if (missing.length > 0)
    throw refused(`The model provider ${provider.name} needs ${missing.join(" and ")}.`, { code: "model.not-set-up" });
  return { name, model: await provider.connect(settings) };
}
