import { quote } from "./quote.ts";

/**
 * What bash runs on the other machine. It needs Linux with bash 4.3, coreutils, grep and util-linux there.
 *
 * The variable whose name no shell can use is how we find a script's processes again, wherever they were moved:
 * its value is random, and neither `export -p` nor a session's state file lists it.
 */
const mark = "talaria.run";

/**
 * Ends what carries the mark; with a session only what is in it. Repeated, because a process may fork meanwhile. Stopped
 * first, all at once: a shell that saw its command die before it died itself would print "Killed" into the output.
 */
const endMarked = `
end_marked() {
  ended=
  for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    found=
    for path in $(grep -lsF "${mark}=$token" /proc/[0-9]*/environ); do
      pid=\${path#/proc/}; pid=\${pid%/environ}
      if [ -n "$1" ]; then
        read -r line < "/proc/$pid/stat" || continue
        # After the name, which may hold spaces: state, parent, group, session.
        set -- "$1" \${line##*) }
        [ "$5" = "$1" ] || continue
      fi
      found="$found $pid"
    done
    kill -STOP $found
    kill -KILL $found || return
    ended=1
  done
} 2>/dev/null`;

/** Closes what the script may not inherit (bash leaves its pipes open), then takes the script's place. */
const beginning = `
echo "session $$" >&9
for fd in /dev/fd/*; do fd=\${fd##*/}; [ "$fd" -le 3 ] || eval "exec $fd>&-"; done 2>/dev/null
ulimit -c 0
exec 2>&1
eval "exec 3<&-
$(cat <&3)"`;

/**
 * Takes \`token seconds folder home outlives\` as arguments and, on its input: a line with two lengths, the script, its
 * input, a full stop. An input that breaks off is one whose connection was lost: its script is ended before it could
 * take the half for the whole. All that is said before the token's line is not the script's.
 *
 * The script runs in a session of its own. Its output passes through \`cat\`, so that it is a real pipe (a socket cannot
 * be opened again as /dev/stdout) and so that what outlives the script does not hold the connection. Not started with
 * \`&\`, which would make it deaf to SIGINT.
 */
export const launcher = `
export LC_ALL=C
token=$1 seconds=$2 folder=$3 home=$4 outlives=$5
fail() { echo "$1"; exit 1; }
case $folder in "~/"*) folder=$HOME/\${folder#"~/"} ;; esac
case $home in "~/"*) home=$HOME/\${home#"~/"} ;; esac
${endMarked}
IFS=' ' read -r script_bytes stdin_bytes || fail "The connection was lost before the script came."
IFS= read -r -N "$script_bytes" script
[ "\${#script}" = "$script_bytes" ] || fail "The connection was lost while the script came."
[ -d "$folder" ] || { mkdir -p "$folder" && chmod 700 "$folder"; } || fail "The folder $folder cannot be made."
cd "$folder" || fail "The folder $folder cannot be entered."
exec 7<&0 8>&1
feed() {
  [ "$stdin_bytes" = 0 ] && return
  head -c "$stdin_bytes" <&7 || return
  [ "$(head -c 1 <&7)" = . ] && return
  # It may not have begun yet: it sees the end of its input only after it was looked for.
  for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    end_marked >/dev/null
    [ -z "$ended" ] || return
    sleep 0.1
  done
}
run_script() {
  setsid env -i "${mark}=$token" PATH="\${PATH:-/usr/local/bin:/usr/bin:/bin}" HOME="$home" LANG=C.UTF-8 TERM=dumb \\
    bash --noprofile --norc -c ${quote(beginning)} bash \\
    3< <(printf %s "$script" 7<&- 8>&- 9>&-) < <(feed 8>&- 9>&- 2>/dev/null) 7<&- 8>&-
  echo "code $?" >&9
}
supervise() {
  session= drain= code= wait=$seconds
  while read -r -t "$wait" word value; do
    case $word in
      session) session=$value ;;
      drain) drain=$value ;;
      code)
        code=$value
        if [ -n "$outlives" ]; then end_marked "$session"; wait=1; else end_marked; wait=10; fi ;;
      drained) drain=; break ;;
    esac
  done
  [ -n "$code" ] || end_marked
  [ -z "$drain" ] || kill -9 "$drain" 2>/dev/null
  exit "\${code:-124}"
}
printf '%s\\n' "$token"
{
  run_script | { echo "drain $BASHPID" >&9; exec cat >&8 7<&- 9>&-; }
  echo drained >&9
} 2>/dev/null 9>&1 | supervise 7<&- 8>&-
`;

/**
 * Takes the token on its input, so that it does not find itself. A script that has begun is ended with what it
 * started, and its launcher then reports. One that has not is waited for a little, then its launcher is ended.
 */
export const killer = `
IFS= read -r token
${endMarked}
for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  end_marked
  [ -z "$ended" ] || exit 0
  sleep 0.1
done
for path in $(grep -lsF -f - /proc/[0-9]*/cmdline <<< "$token"); do
  pid=\${path#/proc/}
  kill -9 "\${pid%/cmdline}" 2>/dev/null
done
exit 0
`;
