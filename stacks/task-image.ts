/**
 * The image of the shell "ecs": AWS builds it from shell-agent/Dockerfile when `npm run deploy` asks (cli/task-image.ts),
 * for nobody needs Docker to deploy. An image of the owner's needs none of this.
 */
import { nameOf } from "./account.ts";
import { imageParts, tagOf } from "./image-parts.ts";
import { buildSpecification, imagePrefix, maxBuildMinutes } from "./shell-image.ts";
import { bucket } from "./storage.ts";

/** Known for no single repository (Service Authorization Reference, Amazon ECR). */
const logIn = { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] };

/** What pulls an image of a private repository may do. */
export const pullStatements = (repository: $util.Input<string>) => [
  logIn,
  { actions: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], resources: [repository] },
];

function createRepository() {
  // A repository's name has no capitals and no two hyphens in a row (Amazon ECR API reference, CreateRepository).
  const name = nameOf("shell").toLowerCase().replace(/-+/g, "-");
  const repository = new aws.ecr.Repository("ShellImages", {
    name,
    // Its images can be built again at any time.
    forceDelete: true,
    imageTagMutability: "IMMUTABLE",
    imageScanningConfiguration: { scanOnPush: false },
  });
  const selection = { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 3 };
  const rule = { rulePriority: 1, description: "Keeps the last three", selection, action: { type: "expire" } };
  // oxlint-disable-next-line no-new -- constructing a resource declares it
  new aws.ecr.LifecyclePolicy("ShellImagesLifecycle", {
    repository: repository.name,
    policy: $jsonStringify({ rules: [rule] }),
  });
  return repository;
}

/** It reads what an image is made of, pushes to this one repository (Amazon ECR guide, "Pushing an image") and logs. */
const buildStatements = (repository: aws.ecr.Repository, logs: aws.cloudwatch.LogGroup) => [
  { actions: ["s3:GetObject", "s3:GetObjectVersion"], resources: [$interpolate`${bucket.arn}/${imagePrefix}*`] },
  // What CodeBuild asks of a bucket that it reads from (AWS CodeBuild guide, "Create a CodeBuild service role").
  { actions: ["s3:GetBucketAcl", "s3:GetBucketLocation"], resources: [bucket.arn] },
  logIn,
  {
    actions: [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ],
    resources: [repository.arn],
  },
  { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${logs.arn}:*`] },
];

function createProject(repository: aws.ecr.Repository) {
  const name = nameOf("shell-image");
  const logs = new aws.cloudwatch.LogGroup("ShellImageLogs", { name: `/talaria/${name}`, retentionInDays: 30 });
  const role = new aws.iam.Role("ShellImageRole", {
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "codebuild.amazonaws.com" }),
    inlinePolicies: [
      {
        name: "inline",
        policy: aws.iam.getPolicyDocumentOutput({ statements: buildStatements(repository, logs) }).json,
      },
    ],
  });
  return new aws.codebuild.Project("ShellImageProject", {
    name,
    description: "Builds the image that Talaria's commands run in",
    serviceRole: role.arn,
    source: {
      type: "S3",
      // Which archive below it, whoever starts a build says.
      location: $interpolate`${bucket.name}/${imagePrefix}`,
      buildspec: JSON.stringify(buildSpecification),
    },
    artifacts: { type: "NO_ARTIFACTS" },
    environment: {
      type: "ARM_CONTAINER",
      computeType: "BUILD_GENERAL1_SMALL",
      image: "aws/codebuild/amazonlinux-aarch64-standard:3.0",
      // It runs Docker.
      privilegedMode: true,
      environmentVariables: [{ name: "REPOSITORY", value: repository.repositoryUrl }],
    },
    buildTimeout: maxBuildMinutes,
    logsConfig: { cloudwatchLogs: { groupName: logs.name } },
  });
}

/** What a task pulls, once it has been built, and where that is done. */
export function createTaskImage() {
  const repository = createRepository();
  const tag = imageParts($cli.paths.root).then(tagOf);
  return {
    container: { image: $interpolate`${repository.repositoryUrl}:${tag}`, repositories: [repository.arn] },
    build: { project: createProject(repository).name, repository: repository.name },
  };
}
