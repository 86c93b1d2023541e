import { operands, type SimpleCommand, textOf } from "../shell/simple-command.ts";
import { rule, type Rule } from "./rule.ts";

const isEngine = (command: SimpleCommand): boolean =>
  /^(?:docker|podman|nerdctl|docker-compose|podman-compose)$/.test(command.name);
const says = (command: SimpleCommand, pattern: RegExp): boolean =>
  isEngine(command) && pattern.test(operands(command).join(" "));

export const containers: readonly Rule[] = [
  rule("container.stop", "It stops containers.", (command) =>
    says(command, /^(?:container )?(?:stop|kill|restart|pause)\b/),
  ),
  rule("container.remove", "It removes containers or images.", (command) =>
    says(command, /^(?:container |image )?(?:rm|rmi)\b/),
  ),
  rule("container.prune", "It removes everything that is not in use.", (command) => says(command, /^(?:\w+ )?prune\b/)),
  rule("container.volume", "It removes stored data.", (command) =>
    says(command, /^(?:volume|network|secret|stack|swarm) (?:rm|remove|leave)\b/),
  ),
  rule(
    "container.compose-down",
    "It stops and removes a group of containers.",
    (command) => says(command, /(?:^|compose (?:\S+ )*)(?:down|rm|kill|stop)\b/) && /compose/.test(textOf(command)),
  ),
  rule(
    "container.privileged",
    "The container gets the rights of the machine.",
    (command) =>
      isEngine(command) &&
      /--privileged|--cap-add[= ](?:ALL|SYS_ADMIN)|--pid[= ]host|--security-opt[= ]\S*unconfined/i.test(
        textOf(command),
      ),
  ),
  rule(
    "container.host-mount",
    "The container sees the whole machine.",
    (command) =>
      isEngine(command) &&
      /(?:-v|--volume)[= ]?\/(?:etc|root|var\/run\/docker\.sock|home)?\/?:|source=\/(?:,|\s)|docker\.sock:/.test(
        textOf(command),
      ),
  ),
  rule(
    "container.remote",
    "It speaks to the engine of another machine.",
    (command) =>
      isEngine(command) &&
      (/\s(?:-H|--host)[= ]?(?:tcp|ssh|https?):|\s-H=?\S*tcp:|--context[= ]/.test(textOf(command)) ||
        command.assignments.some((word) => /^DOCKER_(?:HOST|CONTEXT)=/.test(word))),
  ),
];
