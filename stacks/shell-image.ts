/** What a shell in the cloud is made of. Pure data: nobody needs Docker to deploy. */

/** Debian with bash, git and the usual tools for fetching and unpacking; for arm64 too, without a log-in. */
export const shellImage = "public.ecr.aws/docker/library/buildpack-deps:trixie-scm";

/** A quarter of a CPU and half a gigabyte: about a cent an hour on arm64 (AWS Fargate pricing). */
export const shellSize = { cpu: "256", memory: "512" } as const;
