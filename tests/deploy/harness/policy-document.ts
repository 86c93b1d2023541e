/** The data source `aws_iam_policy_document`: from Pulumi's arguments to the JSON that IAM reads. */
interface Principal {
  type: string;
  identifiers: string[];
}

interface Condition {
  test: string;
  variable: string;
  values: string[];
}

interface Statement {
  sid?: string;
  effect?: string;
  actions?: string[];
  resources?: string[];
  principals?: Principal[];
  conditions?: Condition[];
}

export interface PolicyArguments {
  statements?: Statement[];
  [name: string]: unknown;
}

export function policyDocument({ statements = [] }: PolicyArguments): string {
  const rendered = statements.map(({ sid, effect = "Allow", actions, resources, principals, conditions }) => ({
    ...(sid && { Sid: sid }),
    Effect: effect,
    Action: actions,
    ...(resources && { Resource: resources }),
    ...(principals?.length && { Principal: renderPrincipals(principals) }),
    ...(conditions?.length && { Condition: renderConditions(conditions) }),
  }));
  return JSON.stringify({ Version: "2012-10-17", Statement: rendered });
}

const renderPrincipals = (principals: Principal[]) =>
  principals.some(({ type }) => type === "*")
    ? "*"
    : Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers]));

function renderConditions(conditions: Condition[]): Record<string, Record<string, string[]>> {
  const tests: Record<string, Record<string, string[]>> = {};
  for (const { test, variable, values } of conditions) tests[test] = { ...tests[test], [variable]: values };
  return tests;
}
