import type { Workspace } from "../shell.ts";
import type { Exchange } from "./client.ts";

/** What identifies a machine to its fleet; kept in the workspace's record. */
export type Place = Readonly<Record<string, string>>;

/** Machines of one cloud service, each with an exec agent in it. */
export interface Fleet {
  /** For the model: what such a machine is, what it lacks. */
  description: string;
  /**
   * Starts a machine whose agent will know the token, and waits until it is there. Must come to the same machine for the
   * same id, however often and from wherever it is called. Throws `shell.start-failed` when this one will never come.
   */
  start(id: string, token: string): Promise<Place>;
  exchange(place: Place, token: string): Exchange;
  /** `leaving`: it ends by itself soon, and saves before it does. */
  state(place: Place): Promise<"awake" | "asleep" | "leaving" | "gone">;
  /** Ends it for good. Must do nothing when it has ended. */
  end(place: Place): Promise<void>;
  /** A machine that can sleep with its memory: absent means that an idle one is ended. */
  sleep?(place: Place): Promise<void>;
  wake?(place: Place): Promise<void>;
  /** When the service will end it, and the longest that one lives; absent: it stays. */
  lifetime?(place: Place): NonNullable<Workspace["lifetime"]>;
}
