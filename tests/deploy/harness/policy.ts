/** May a role do something? Asked of a simulator that knows every action of AWS and how policies are evaluated. */
import { runSimulation } from "@cloud-copilot/iam-simulate";
import { account } from "./aws-outputs.ts";
import { only, types, type Graph, type GraphResource } from "./graph.ts";

interface InlinePolicy {
  name: string;
  policy: string;
}

interface Statement {
  Effect: string;
  Action: string[];
  Resource: string[];
}

export const inlinePolicies = ({ inputs }: GraphResource): InlinePolicy[] =>
  (inputs["inlinePolicies"] as InlinePolicy[] | undefined) ?? [];

export const statementsOf = (role: GraphResource): Statement[] =>
  inlinePolicies(role).flatMap(({ policy }) => (JSON.parse(policy) as { Statement: Statement[] }).Statement);

/** The role that a resource names by its ARN. */
export function roleNamed(graph: Graph, arn: unknown): GraphResource {
  const role = graph.resources.find(({ type, outputs }) => type === types.role && outputs["arn"] === arn);
  if (!role) throw new Error(`no role of the graph is ${String(arn)}`);
  return role;
}

export const roleOfFunction = (graph: Graph, component: string): GraphResource =>
  roleNamed(graph, only(graph, types.function, `${component}Function`).inputs["role"]);

/**
 * Answering a task token is allowed on the token's state machine, though the table of actions that the simulator knows
 * names no resource for it (aws/aws-cdk pull request 8486, which tried it; its `grantTaskResponse`).
 */
const takesToken = /^states:SendTask(Success|Failure|Heartbeat)$/;

/** @throws when the request is not one that AWS knows: a misspelt action or a resource of another kind. */
export async function isAllowed(
  role: GraphResource,
  action: string,
  resource: string,
  contextVariables: Record<string, string | string[]> = {},
): Promise<boolean> {
  if (takesToken.test(action))
    return statementsOf(role).some(({ Action, Resource }) => Action.includes(action) && Resource.includes(resource));
  const result = await runSimulation(
    {
      request: {
        principal: String(role.outputs["arn"]),
        action,
        resource: { resource, accountId: account },
        contextVariables,
      },
      identityPolicies: inlinePolicies(role).map(({ name, policy }) => ({
        name,
        policy: JSON.parse(policy) as object,
      })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (result.resultType === "error") throw new Error(`${action} on ${resource}: ${JSON.stringify(result.errors)}`);
  return result.overallResult === "Allowed";
}
