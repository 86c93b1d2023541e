import { abandonTurn } from "../../core/turn/abandon.ts";
import type { AbandonInput } from "../../core/turn/machine.ts";
import { composeDelivery } from "../compose/delivery.ts";
import { readEnvironment } from "../compose/environment.ts";
import { sdkAws } from "../compose/sdk-aws.ts";

const { ports } = composeDelivery(readEnvironment(), "abandon", sdkAws());

/** The Abandon state of the turn machine: the person is told, the conversation is let go. */
export const handler = (input: AbandonInput): Promise<void> => abandonTurn(input, ports);
