import { TalariaError } from "../core/base/errors.ts";
import type { Settings } from "../core/base/settings.ts";
import type { Model } from "../core/providers/provider.ts";
import { connectModel } from "../functions/compose/model.ts";

/** A model that could be connected, by its full name `provider/model`. */
export interface ConnectedModel {
  name: string;
  model: Model;
}

/** Connects the model that the functions would, and asks it nothing. What is missing comes back as a text for the person. */
export async function tryModel(settings: Settings): Promise<ConnectedModel | { missing: string }> {
  try {
    return await connectModel(settings);
  } catch (error) {
    if (error instanceof TalariaError) return { missing: error.message };
    throw error;
  }
}
