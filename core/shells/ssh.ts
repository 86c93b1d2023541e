import type { Settings } from "../base/settings.ts";
import { checkedWorkspaceId, remoteWorkspace } from "./remote.ts";
import { defineShell } from "./shell.ts";
import { checkSshEgress, connectSsh, sshFolder, sshSettings } from "./ssh-connection.ts";

const description =
  "A Linux machine over ssh, with its programs and its network, not isolated: it sees what its user may see. " +
  "The workspace is your home folder and lasts; stay in it unless asked otherwise.";

/** Two ids may be one person on two platforms, which nobody here can know: it is a warning. */
function letsInSeveral(settings: Settings): boolean {
  const listed = `${settings["TALARIA_ALLOWED_USERS"] ?? ""},${settings["TALARIA_OWNERS"] ?? ""}`;
  const users = new Set(listed.split(/[\s,]+/).filter(Boolean));
  return users.size > 1 || users.has("*");
}

/** Commands on any Linux machine with an ssh server; each workspace is a folder of the user there. */
export const ssh = defineShell({
  name: "ssh",
  settings: sshSettings,
  async summary(settings) {
    checkSshEgress("ssh", settings);
    return `${settings["TALARIA_SSH_USER"]}@${settings["TALARIA_SSH_HOST"]} over ssh, not isolated`;
  },
  warning(settings) {
    if (!letsInSeveral(settings)) return undefined;
    const text = `everybody whom allowedUsers lets in is ${settings["TALARIA_SSH_USER"]} there: a command of one can read and change the files of all`;
    return { text, cure: "let in only who may, or choose a shell that gives each person a machine (docker, say)" };
  },
  async connect(settings, { clock }) {
    checkSshEgress("ssh", settings);
    const connection = await connectSsh(settings, clock);
    return {
      description,
      async acquire(workspace) {
        const folder = `${sshFolder(settings)}/${checkedWorkspaceId(workspace)}`;
        await connection.open();
        return remoteWorkspace({ exec: connection.exec, isIsolated: false, folder });
      },
      close: connection.close,
    };
  },
});
