/** Answers to what the program asks of AWS while it is evaluated (Pulumi's "invoke"). */
import { account, digest, region } from "./aws-outputs.ts";
import type { Values } from "./graph.ts";
import { policyDocument, type PolicyArguments } from "./policy-document.ts";

type DataSource = (inputs: Values) => Values;

const dataSources: Record<string, DataSource> = {
  "aws:iam/getPolicyDocument:getPolicyDocument": (inputs) => {
    const json = policyDocument(inputs);
    // SST gives a function no inline policy when `statements` is absent, and an invalid one when it is empty.
    const { statements, ...rest } = inputs as PolicyArguments;
    return { ...rest, ...(statements?.length && { statements }), id: digest(json), json, minifiedJson: json };
  },
  "aws:index/getPartition:getPartition": () => ({ id: "aws", partition: "aws", dnsSuffix: "amazonaws.com" }),
  "aws:index/getRegion:getRegion": () => ({ id: region, name: region, region, description: "N. Virginia" }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    id: account,
    accountId: account,
    arn: `arn:aws:iam::${account}:user/deployer`,
    userId: "deployer",
  }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({
    id: region,
    names: ["a", "b", "c"].map((zone) => region + zone),
    zoneIds: ["use1-az1", "use1-az2", "use1-az3"],
    groupNames: [region],
  }),
};

/** `undefined` when there is no answer: the engine records it, and a check fails. */
export const askAws = (token: string, inputs: Values): Values | undefined => dataSources[token]?.(inputs);
