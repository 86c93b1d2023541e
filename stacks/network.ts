// oxlint-disable no-new -- constructing a resource declares it
/**
 * A network for shells: two public subnets, no way in from outside, no NAT gateway (about $32 a month). SST's own Vpc would add
 * private subnets and a hosted zone for service discovery, which costs $0.50 a month for nothing.
 */
import config from "../agent.config.ts";
import { nameOf } from "./account.ts";

const network = "10.0.0.0/16";
/** Where an agent listens (core/shells/exec-agent/protocol.ts). */
const agentPort = 8080;
const tags = { Name: nameOf("shells") };

export function createNetwork() {
  const vpc = new aws.ec2.Vpc("ShellVpc", { cidrBlock: network, enableDnsHostnames: true, tags });
  const gateway = new aws.ec2.InternetGateway("ShellGateway", { vpcId: vpc.id, tags });
  const routes = new aws.ec2.RouteTable("ShellRoutes", {
    vpcId: vpc.id,
    routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }],
    tags,
  });
  const relayGroup = new aws.ec2.SecurityGroup("RelaySecurityGroup", {
    description: "Relay of Talaria: no way in, out to the agents of shells only",
    vpcId: vpc.id,
    egress: [{ protocol: "tcp", fromPort: agentPort, toPort: agentPort, cidrBlocks: [network] }],
    tags,
  });
  // Out to the internet; in from the relay alone, so that one shell cannot call another's agent.
  const securityGroup = new aws.ec2.SecurityGroup("ShellSecurityGroup", {
    description: "Shells of Talaria: in for the relay only",
    vpcId: vpc.id,
    ingress: [{ protocol: "tcp", fromPort: agentPort, toPort: agentPort, securityGroups: [relayGroup.id] }],
    egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
    tags,
  });
  const zones = aws.getAvailabilityZonesOutput({ state: "available" }).names;
  const subnets = [0, 1].map((index) => createSubnet(index, { vpcId: vpc.id, routeTableId: routes.id, zones }));
  // Archives go to the bucket by a way of their own, which costs nothing.
  new aws.ec2.VpcEndpoint("ShellBucketEndpoint", {
    vpcId: vpc.id,
    serviceName: `com.amazonaws.${config.region}.s3`,
    vpcEndpointType: "Gateway",
    routeTableIds: [routes.id],
    tags,
  });
  return { securityGroup, relayGroup, subnets };
}

interface SubnetOptions {
  vpcId: $util.Input<string>;
  routeTableId: $util.Input<string>;
  zones: $util.Output<string[]>;
}

function createSubnet(index: number, { vpcId, routeTableId, zones }: SubnetOptions) {
  const subnet = new aws.ec2.Subnet(`ShellSubnet${index + 1}`, {
    vpcId,
    cidrBlock: `10.0.${index}.0/24`,
    availabilityZone: zones.apply((names) => names[index] ?? ""),
    tags,
  });
  new aws.ec2.RouteTableAssociation(`ShellRoute${index + 1}`, { subnetId: subnet.id, routeTableId });
  return subnet;
}
