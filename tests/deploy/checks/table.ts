import { deepEqual, equal } from "node:assert/strict";
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import type { AddressInfo } from "node:net";
import { tableDefinition } from "../../../local/cloud/dynamodb.ts";
import { expiringObjects, manifest } from "../../../stacks/manifest.ts";
import { only, types, type Graph, type Values } from "../harness/graph.ts";
import type { Check } from "./check.ts";

interface Index {
  name: string;
  hashKey?: string;
  rangeKey?: string;
  projectionType: "ALL";
}

interface TableInputs extends Values {
  name: string;
  hashKey: string;
  rangeKey: string;
  attributes: { name: string; type: "S" }[];
  localSecondaryIndexes: Index[];
  globalSecondaryIndexes: Index[];
}

const inputsOf = (graph: Graph) => only(graph, types.table).inputs as TableInputs;

/** From what the AWS provider is told to what it asks DynamoDB for. */
function createInput({ name, hashKey, rangeKey, ...table }: TableInputs): CreateTableCommandInput {
  const index = ({ name, hashKey: hash = hashKey, rangeKey: range, projectionType }: Index) => ({
    IndexName: name,
    KeySchema: keySchema(hash, range),
    Projection: { ProjectionType: projectionType },
  });
  return {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: table.attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: keySchema(hashKey, rangeKey),
    LocalSecondaryIndexes: table.localSecondaryIndexes.map(index),
    GlobalSecondaryIndexes: table.globalSecondaryIndexes.map(index),
  };
}

const keySchema = (hash: string, range?: string) => [
  { AttributeName: hash, KeyType: "HASH" as const },
  ...(range ? [{ AttributeName: range, KeyType: "RANGE" as const }] : []),
];

async function createInDynalite(input: CreateTableCommandInput): Promise<string[]> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "made-up", secretAccessKey: "made-up" };
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
  try {
    await client.send(new CreateTableCommand(input));
    const { Table } = await client.send(new DescribeTableCommand({ TableName: input.TableName }));
    return [...(Table?.LocalSecondaryIndexes ?? []), ...(Table?.GlobalSecondaryIndexes ?? [])].flatMap(
      ({ IndexName }) => IndexName ?? [],
    );
  } finally {
    client.destroy();
    server.close();
  }
}

export const tableChecks: Check[] = [
  {
    name: "the deployed table is the one that the embedded cloud makes: keys, both kinds of index, billing",
    run({ graph }) {
      const inputs = inputsOf(graph);
      deepEqual(createInput(inputs), tableDefinition(inputs.name, manifest.tables.state));
    },
  },
  {
    name: "DynamoDB's own rules accept the deployed table and its indexes",
    async run({ graph }) {
      const { localIndexes, globalIndexes } = manifest.tables.state;
      const expected = [...Object.keys(localIndexes), ...Object.keys(globalIndexes)];
      deepEqual(await createInDynalite(createInput(inputsOf(graph))), expected);
    },
  },
  {
    name: "the table expires by the attribute that the code writes, and can be restored to any second",
    run({ graph }) {
      const inputs = inputsOf(graph);
      deepEqual(inputs["ttl"], { attributeName: manifest.tables.state.expiresAttribute, enabled: true });
      deepEqual(inputs["pointInTimeRecovery"], { enabled: true });
    },
  },
  {
    name: "the bucket is closed to the public and to browsers, speaks HTTPS only, and forgets what the manifest lets it",
    run({ graph }) {
      const access = only(graph, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs;
      for (const wall of ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"])
        equal(access[wall], true, wall);
      equal(graph.resources.filter(({ type }) => type.includes("BucketCors")).length, 0);
      const policy = String(only(graph, "aws:s3/bucketPolicy:BucketPolicy").inputs["policy"]);
      equal(policy.includes("aws:SecureTransport"), true);
      const { rules } = only(graph, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs as {
        rules: { filter: { prefix: string }; expiration: { days: number } }[];
      };
      deepEqual(
        rules.map(({ filter, expiration }) => ({ prefix: filter.prefix, afterDays: expiration.days })),
        expiringObjects,
      );
    },
  },
];
