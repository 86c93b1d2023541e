import { checkedWorkspaceId, remoteWorkspace } from "./remote.ts";
import { defineShell } from "./shell.ts";
import { checkSshEgress, connectSsh, sshFolder, sshSettings } from "./ssh-connection.ts";

const description =
  "A Linux machine over ssh, with its programs and its network, not isolated: it sees what its user may see. " +
  "The workspace is your home folder and lasts; stay in it unless asked otherwise.";

/** Commands on any Linux machine with an ssh server; each workspace is a folder of the user there. */
export const ssh = defineShell({
  name: "ssh",
  settings: sshSettings,
  async summary(settings) {
    checkSshEgress("ssh", settings);
    return `${settings["TALARIA_SSH_USER"]}@${settings["TALARIA_SSH_HOST"]} over ssh, not isolated`;
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
