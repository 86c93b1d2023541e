import * as z from "zod";
import { parseJson, type Json } from "../../../core/base/json.ts";
import { ServiceException } from "../errors.ts";
import { isTooLarge } from "../history.ts";
import type { TokenAnswer } from "../progress.ts";
import type { OpenToken } from "../tokens.ts";
import type { OperationContext } from "./operation.ts";

export const successInput = z.object({ taskToken: z.string().min(1), output: z.string() });
export const failureInput = z.object({
  taskToken: z.string().min(1),
  error: z.string().max(256).default(""),
  cause: z.string().max(32_768).default(""),
});
export const heartbeatInput = z.object({ taskToken: z.string().min(1) });

export function sendTaskSuccess(context: OperationContext, input: z.output<typeof successInput>) {
  const output = parseJson(input.output);
  if (output === undefined || isTooLarge(input.output))
    throw new ServiceException("InvalidOutput", "Invalid Output: it must be JSON of at most 262,144 bytes");
  return answer(context, input.taskToken, { output: output as Json });
}

export const sendTaskFailure = (context: OperationContext, input: z.output<typeof failureInput>) =>
  answer(context, input.taskToken, { error: input.error, cause: input.cause });

/** Not worth a wait for the disk: the next heartbeat says the same. */
export async function sendTaskHeartbeat(context: OperationContext, input: z.output<typeof heartbeatInput>) {
  const open = openToken(context, input.taskToken);
  open.execution.write({ kind: "beat", path: open.path, atMs: context.clock.now() });
  open.wake();
  return {};
}

/** The first answer counts; resolves when it is on disk. */
async function answer(context: OperationContext, token: string, answer: TokenAnswer) {
  const open = openToken(context, token);
  open.execution.write({ kind: "answer", path: open.path, answer });
  open.wake();
  await open.execution.sync();
  return {};
}

function openToken(context: OperationContext, token: string): OpenToken {
  if (!/^[\w-]{96}$/.test(token)) throw new ServiceException("InvalidToken", "Invalid Token: 'Invalid token'");
  const open = context.tokens.find(token);
  if (open && !open.progress.answer) return open;
  throw new ServiceException("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
}
