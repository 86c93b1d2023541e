// oxlint-disable no-new -- constructing a resource declares it
/**
 * A network for shells: two public subnets, no way in, no NAT gateway (about $32 a month). SST's own Vpc would add
 * private subnets and a hosted zone for service discovery, which costs $0.50 a month for nothing.
 */
import { nameOf } from "./account.ts";

const tags = { Name: nameOf("shells") };

export function createNetwork() {
  const vpc = new aws.ec2.Vpc("ShellVpc", { cidrBlock: "10.0.0.0/16", enableDnsHostnames: true, tags });
  const gateway = new aws.ec2.InternetGateway("ShellGateway", { vpcId: vpc.id, tags });
  const routes = new aws.ec2.RouteTable("ShellRoutes", {
    vpcId: vpc.id,
    routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }],
    tags,
  });
  // Out to the internet, nothing in: no ingress rule at all.
  const securityGroup = new aws.ec2.SecurityGroup("ShellSecurityGroup", {
    description: "Shells of Talaria: no way in",
    vpcId: vpc.id,
    egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
    tags,
  });
  const zones = aws.getAvailabilityZonesOutput({ state: "available" }).names;
  const subnets = [0, 1].map((index) => createSubnet(index, { vpcId: vpc.id, routeTableId: routes.id, zones }));
  return { securityGroup, subnets };
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
