import type { LambdaMicrovmsClient } from "@aws-sdk/client-lambda-microvms";
import { messageOf, retryable } from "../../base/errors.ts";
import { agentPort } from "../exec-agent/protocol.ts";

/** The longest life there is, sleep included (Lambda MicroVMs guide, "Running and using MicroVMs"). */
const lifeSeconds = 28_800;
/**
 * Without a request for so long it is suspended by AWS itself. Our own look puts it to sleep after five minutes, and
 * leaves one awake in which a job runs: that look is a request, every six minutes at most, so this has to be longer.
 */
const idleSeconds = 900;
/** The longest that a pass may be good. */
export const passMinutes = 60;

const failed = (what: string, error: unknown) =>
  retryable(`The workspace's machine could not be ${what}: ${messageOf(error)}`, {
    cause: error,
    code: "shell.failed",
  });

const isNamed = (error: unknown, name: string) => error instanceof Error && error.name === name;

/** The machines of one image, in the words of the service. */
export async function openMicrovms(client: LambdaMicrovmsClient, image: string) {
  const sdk = await import("@aws-sdk/client-lambda-microvms");

  /** By its client token the same machine is asked for once, from wherever. */
  async function run(id: string) {
    const command = new sdk.RunMicrovmCommand({
      imageIdentifier: image,
      clientToken: id,
      idlePolicy: {
        autoResumeEnabled: true,
        maxIdleDurationSeconds: idleSeconds,
        suspendedDurationSeconds: lifeSeconds,
      },
      maximumDurationInSeconds: lifeSeconds,
      // Without connectors: AWS's own endpoint in, the internet out (Lambda MicroVMs guide, "Networking").
      // No execution role: nothing in the machine has rights in the account, not even to write a log.
      logging: { disabled: {} },
    });
    const { microvmId, endpoint } = await client.send(command).catch((error: unknown) => {
      throw failed("started", error);
    });
    return { vm: microvmId ?? "", endpoint: endpoint ?? "" };
  }

  async function state(vm: string) {
    try {
      const { state } = await client.send(new sdk.GetMicrovmCommand({ microvmIdentifier: vm }));
      if (state === "TERMINATING" || state === "TERMINATED") return "gone";
      return state === "SUSPENDED" || state === "SUSPENDING" ? "asleep" : "awake";
    } catch (error) {
      if (isNamed(error, "ResourceNotFoundException")) return "gone";
      throw failed("looked at", error);
    }
  }

  /** A request for a state that it is in already, or on its way to, is a conflict to AWS; and one that is gone is gone. */
  async function settle(what: string, request: Promise<unknown>): Promise<void> {
    try {
      await request;
    } catch (error) {
      if (
        ["ConflictException", "ResourceConflictException", "ResourceNotFoundException"].some((name) =>
          isNamed(error, name),
        )
      )
        return;
      throw failed(what, error);
    }
  }

  const of = (vm: string) => ({ microvmIdentifier: vm });
  return {
    lifeSeconds,
    run,
    state,
    suspend: (vm: string) => settle("put to sleep", client.send(new sdk.SuspendMicrovmCommand(of(vm)))),
    resume: (vm: string) => settle("woken", client.send(new sdk.ResumeMicrovmCommand(of(vm)))),
    terminate: (vm: string) => settle("ended", client.send(new sdk.TerminateMicrovmCommand(of(vm)))),
    /** A pass through the endpoint to the agent's port, as headers. */
    async authorise(vm: string): Promise<Record<string, string>> {
      const allowedPorts = [{ port: agentPort }];
      const command = new sdk.CreateMicrovmAuthTokenCommand({
        ...of(vm),
        allowedPorts,
        expirationInMinutes: passMinutes,
      });
      const { authToken } = await client.send(command).catch((error: unknown) => {
        throw failed("spoken to", error);
      });
      return authToken ?? {};
    },
  };
}
