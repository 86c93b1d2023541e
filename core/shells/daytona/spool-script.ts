import { commandLine } from "../remote.ts";

/** Output is fetched in pieces of at most this many bytes, compressed. */
export const pieceBytes = 8 * 1024 * 1024;
/** As many pieces wait to be fetched; then the command has to wait too, so that no output fills the disk. */
const maxPieces = 3;
/** How often one call looks for the next piece, every 30 ms, before it answers that there is none yet. */
const maxLooks = 300;

/**
 * Daytona runs a command and answers with all of its output at the end. So the command runs detached, writes its output
 * in pieces, and each call fetches one: \`start\` begins and fetches piece 0, \`read N\` says that those before N have
 * arrived. The answer is \`piece\` with the piece, \`exit\` with the exit code, or \`wait\`. To ask again is harmless.
 *
 * A call passes these words alone, which mean the same to all of Daytona's versions: newer ones feed the line to a shell,
 * older ones split it at its spaces and start the program themselves.
 */
export const spoolScript = (command: readonly string[]): string => `
folder=\${BASH_SOURCE[0]%/*}
next=\${2:-0}
work() {
  exec 5< "$folder/in"
  rm -f "$folder/in"
  { ${commandLine(command)} <&5 2>&1 5<&-; echo $? > "$folder/code"; } | spool
  mv "$folder/code" "$folder/exit"
}
spool() {
  exec 5<&-
  number=0
  while head -c ${pieceBytes} > "$folder/part" && [ -s "$folder/part" ]; do
    mv "$folder/part" "$folder/piece.$number"
    number=$((number + 1)) waited=0
    # Nobody has fetched anything for ten minutes: the command's next write ends it.
    while [ -e "$folder/piece.$((number - ${maxPieces}))" ]; do
      sleep 0.05
      waited=$((waited + 1)); [ "$waited" -lt 12000 ] || return
    done
  done
}
fetch() {
  [ "$next" = 0 ] || rm -f "$folder/piece.$((next - 1))"
  # To wait without starting a program.
  exec 6<> <(:)
  for look in {1..${maxLooks}}; do
    if [ -e "$folder/piece.$next" ]; then
      printf 'piece '
      gzip -1c "$folder/piece.$next" | base64 -w0
      return
    fi
    # A piece that came since is the next call's.
    if [ -e "$folder/exit" ] && [ ! -e "$folder/piece.$next" ]; then
      printf 'exit %s' "$(cat "$folder/exit")"
      # Not at once: the answer may be lost on its way, and be asked for again.
      setsid --fork bash -c 'sleep 20; rm -rf "$0"' "$folder" < /dev/null > /dev/null 2>&1 6<&-
      return
    fi
    read -r -t 0.03 -u 6
  done
  printf wait
}
case $1 in
  work) work ;;
  # Not with an ampersand, which would make the command deaf to SIGINT. An input whose command nobody started is thrown
  # away: a script is in it.
  start)
    find "\${folder%/*}" -mindepth 2 -maxdepth 2 -name in -mmin +10 -delete 2> /dev/null
    setsid --fork bash --noprofile --norc "$folder/run" work < /dev/null > /dev/null 2>&1; fetch ;;
  read) fetch ;;
esac
`;
