import { SFNClient } from "@aws-sdk/client-sfn";
import { messageOf } from "../core/base/errors.ts";
import { openSigner, type Credentials, type Signer } from "../functions/compose/signer.ts";
import { problem, type Finding } from "./finding.ts";

export interface Identity {
  account: string;
  arn: string;
}

const cure =
  "run aws configure (or aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; an account: https://aws.amazon.com/free";

/** How the SDK says that no link of its provider chain had anything. */
const nothingFound = /Could not load credentials from any providers/;

/**
 * Who AWS takes us for: credentials by the SDK's default provider chain, then STS. With nothing configured no network
 * is touched, as long as AWS_EC2_METADATA_DISABLED is set (`quietMetadata`).
 */
export async function findIdentity(region: string, environment: NodeJS.ProcessEnv): Promise<Identity | Finding> {
  let credentials: Credentials;
  try {
    credentials = await new SFNClient({ region }).config.credentials();
  } catch (error) {
    const reason = messageOf(error);
    const profile = environment["AWS_PROFILE"];
    const none = profile ? `none in the profile “${profile}” (AWS_PROFILE)` : "none found";
    return problem(`AWS credentials: ${nothingFound.test(reason) ? none : oneLine(reason)}`, cure);
  }
  const signer = openSigner({ credentials, region, service: "sts" });
  try {
    return await callerIdentity(signer, endpointOf(region, environment));
  } catch {
    return problem(
      "AWS credentials: found, but AWS could not be reached to check them",
      "check the network, then again",
    );
  }
}

const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();

/** https://docs.aws.amazon.com/general/latest/gr/sts.html; the two settings are the SDKs' own. */
function endpointOf(region: string, environment: NodeJS.ProcessEnv): string {
  const given = environment["AWS_ENDPOINT_URL_STS"] ?? environment["AWS_ENDPOINT_URL"];
  return given ?? `https://sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: needs no permission at all. */
async function callerIdentity(signer: Signer, endpoint: string): Promise<Identity | Finding> {
  const request = {
    method: "POST" as const,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "Action=GetCallerIdentity&Version=2011-06-15",
    signal: AbortSignal.timeout(10_000),
  };
  const answer = await signer.send(`${endpoint.replace(/\/$/, "")}/`, request, 1);
  const text = answer.body.toString();
  const value = (tag: string) => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(text)?.[1] ?? "";
  if (answer.ok) return { account: value("Account"), arn: value("Arn") };
  return problem(`AWS credentials: AWS refuses them (${value("Code") || `HTTP ${answer.status}`})`, cure);
}

/**
 * Only a machine of Amazon's has the metadata service; everywhere else waiting for it is all that happens. Whoever
 * deploys from such a machine sets AWS_EC2_METADATA_DISABLED=false.
 */
export function quietMetadata(environment: NodeJS.ProcessEnv): void {
  environment["AWS_EC2_METADATA_DISABLED"] ??= "true";
}

/** What this process asks AWS for is where the deployment is, whatever else the person works in. */
export function workIn(region: string, environment: NodeJS.ProcessEnv): void {
  environment["AWS_REGION"] = region;
}
