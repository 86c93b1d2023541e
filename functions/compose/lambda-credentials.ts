/**
 * Takes the place of the SDK's search for credentials in a deployed function (stacks/packaging.ts). Lambda hands a function
 * its role's credentials by environment, so the other eight places are not looked at, and 110 KB are not loaded.
 */
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID ?? "",
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? "",
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
};
