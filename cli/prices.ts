/**
 * AWS list prices, as data: us-east-1, without the free tier. Other regions cost up to a third more. Read in 2026 from
 * the pages named; correct them here when they change.
 */
export interface Price {
  usd: number;
  /** What the amount buys. */
  per: string;
  source: string;
}

export const pricesReadIn = "2026";
export const pricesRegion = "us-east-1";

const page = (name: string) => `https://aws.amazon.com/${name}/pricing/`;

export const prices = {
  lambdaGbSecond: { usd: 0.0000133334, per: "GB-second on arm64, start included", source: page("lambda") },
  lambdaRequest: { usd: 0.2 / 1e6, per: "invocation", source: page("lambda") },
  stateTransition: { usd: 0.025 / 1e3, per: "state transition, retries count", source: page("step-functions") },
  dynamoWriteUnit: { usd: 0.625 / 1e6, per: "write of up to 1 KB", source: page("dynamodb") },
  dynamoReadUnit: { usd: 0.125 / 1e6, per: "consistent read of up to 4 KB", source: page("dynamodb") },
  dynamoGbMonth: { usd: 0.25, per: "GB-month of table", source: page("dynamodb") },
  recoveryGbMonth: { usd: 0.2, per: "GB-month of point-in-time recovery", source: page("dynamodb") },
  schedulerInvocation: { usd: 1 / 1e6, per: "scheduled invocation", source: page("eventbridge") },
  imageGbMonth: { usd: 0.1, per: "GB-month of images in a private repository", source: page("ecr") },
  buildMinute: { usd: 0.0034, per: "minute of arm1.small", source: page("codebuild") },
  logGb: { usd: 0.5, per: "GB of logs", source: page("cloudwatch") },
} as const satisfies Record<string, Price>;
