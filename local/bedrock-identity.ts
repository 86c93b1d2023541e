import { refused } from "../core/base/errors.ts";

/**
 * The embedded cloud stands in for AWS under made-up keys. Bedrock is the one service that is really asked, so the
 * person's own identity (keys, a profile, single sign-on) is found out before those keys take its place.
 */
export async function bedrockIdentity(environment: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const isWanted = environment["TALARIA_MODEL"]?.startsWith("bedrock");
  if (!isWanted || environment["AWS_BEARER_TOKEN_BEDROCK"] || environment["BEDROCK_ACCESS_KEY_ID"])
    return region(environment);
  const { BedrockRuntimeClient } = await import("@aws-sdk/client-bedrock-runtime");
  const { config } = new BedrockRuntimeClient();
  const { accessKeyId, secretAccessKey, sessionToken } = await config.credentials().catch((cause: unknown) => {
    throw refused(
      "TALARIA_MODEL asks for Bedrock, but no AWS credentials were found. Run `aws sso login`, or set AWS_ACCESS_KEY_ID " +
        "and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or AWS_BEARER_TOKEN_BEDROCK.",
      { cause },
    );
  });
  return {
    ...region(environment),
    BEDROCK_ACCESS_KEY_ID: accessKeyId,
    BEDROCK_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken && { BEDROCK_SESSION_TOKEN: sessionToken }),
  };
}

const region = ({ AWS_REGION, AWS_DEFAULT_REGION }: NodeJS.ProcessEnv): Record<string, string> => {
  const name = AWS_REGION || AWS_DEFAULT_REGION;
  return name ? { BEDROCK_REGION: name } : {};
};
