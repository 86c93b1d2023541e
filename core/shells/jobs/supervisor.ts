import { floodBytes } from "../shell.ts";
import { headPieces, pieceBytes, tailPieces } from "./job.ts";
import { ringScript } from "./ring.ts";

/**
 * The program that stays with a job, in bash 5 with coreutils and util-linux. Its arguments: the job's folder, the
 * time-out in microseconds, the seconds between two rings of a watch, what a watch does that has too much to tell (`stops`
 * or `slows`), the spool folder or nothing. What it finds in the folder: `script`, `control` and perhaps `input` (FIFOs),
 * `state`, `url`, `patterns`, `attended`.
 *
 * Nobody else may rely on process ids, since each `run` may see processes of its own only. So everything comes over the
 * control FIFO as a line: `pid N` and `ended CODE` from the command's parent, `unkept` (the disk did not take a piece of
 * the output), `flooded` (it is more than anybody reads), `written` (it is complete), `matched LINE`, and from outside
 * `kill`, `signal NAME` and `close`. It blocks in `read` until the next line or the next deadline.
 * The open file descriptor 9 holds the lock that says that it is alive; whoever started it took that lock.
 */
export const supervisorScript = `
folder=$1 timeout=$2 interval=$3 excess=$4 spool=$5 id=\${1##*/}
cd "$folder" || exit 1
umask 077
echo 1<>ready
exec 8<>control
[ -p input ] && exec 7<>input
${ringScript}
${outputScript()}
${commandScript()}
${loopScript()}
# What the command left in its group ends with it; what was meant to be stopped ends wherever it is.
kill -KILL -- "-$pid" $others 2>/dev/null
# A process that left the group may hold the output open; it is not waited for.
after 500000
while [ $written = 0 ] && pause; do
  read -r -t "$left" -u 8 line || continue
  case $line in written) written=1 ;; unkept) full=output ;; esac
done
[ $written = 1 ] && merge
[ $timed = 1 ] && code=124
[ $killed = 1 ] && code=130
# As of who wrote more than \`ulimit -f\` allows.
[ $note = flooded ] && code=153
# In place: a full disk must not be able to lose it.
printf '%-63s' "ended $code $timed $killed $EPOCHSECONDS $full $note" 1<>state
exec 7>&- 8>&- 9>&-
[ -s url ] || exit
# Whoever started it and is still there sees the end without a ring.
flock -s 5 5< attended
[ -e seen ] || ring ended $((rings + 1))
`;

/**
 * The first pieces of the output make one file; of the later ones the last stay. `split` hands its filter the piece's
 * name in FILE, writes what it reads at once, and neither it nor `cat` holds more than a buffer. What a full disk does
 * not take is read all the same: the command goes on, and its result says what is missing.
 *
 * A watch looks at the same bytes with programs that cost no more than reading them. What matches within the interval
 * after a ring is swallowed. After three such intervals in a row the watch of a background process ends, and the end of the
 * job still rings; progress that a person wants to see comes more rarely from then on, at least every five minutes.
 */
function outputScript(): string {
  return `
keep='n=$((0x\${FILE#piece.}))
[ $n -eq ${floodBytes / pieceBytes} ] && echo flooded >&8
if [ $n -lt ${headPieces} ]; then cat >> output; else
  [ $n -gt ${headPieces + tailPieces} ] && rm -f "$(printf "piece.%06x" $((n - ${tailPieces + 1})))"
  cat > "$FILE"
fi || { echo unkept >&8; exec cat > /dev/null; }'
write() { SHELL=/bin/sh split -b ${pieceBytes} -a 6 --hex-suffixes --filter="$keep" - piece.; echo written >&8; }
watch() {
  local strikes=0 failures=0 line start options=() pattern
  while IFS= read -r pattern; do options+=(-e "$pattern"); done < patterns
  ulimit -v 1048576
  while [ $failures -lt 3 ]; do
    if [ $strikes -ge 3 ]; then
      [ "$excess" = slows ] || return
      strikes=0 interval=$((interval * 4 < 300 ? interval * 4 : 300))
    fi
    line=$(grep -a -F -m 1 "\${options[@]}")
    case $? in 0) ;; 1) return ;; *) failures=$((failures + 1)); continue ;; esac
    echo "matched \${line:0:500}" >&8
    start=$SECONDS
    timeout "$interval" grep -a -F -q -m 1 "\${options[@]}"
    case $? in
      0) strikes=$((strikes + 1)); timeout $((interval - SECONDS + start + 1)) cat > /dev/null ;;
      124) strikes=0 ;;
      *) return ;;
    esac
  done
}
if [ -e patterns ]; then exec 5> >(exec 7>&- 9>&-; tee -p >(watch) | write)
else exec 5> >(exec 7>&- 9>&-; write); fi
merge() {
  local pieces=(piece.*) last omitted size
  [ -e "\${pieces[0]}" ] || return
  size=$(wc -c < output)
  last=\${pieces[-1]}
  omitted=$(( (16#\${pieces[0]#piece.} - ${headPieces}) * ${pieceBytes} ))
  echo $((16#\${last#piece.} * ${pieceBytes} + $(wc -c < "$last"))) > bytes
  { [ $omitted -gt 0 ] && printf '\\n[… %d bytes left out …]\\n' $omitted; cat "\${pieces[@]}"; } >> output &&
    { rm -f "\${pieces[@]}"; return; }
  # There is no room for both: the pieces are the output's end.
  truncate -s "$size" output
  rm -f bytes
}`;
}

/** The command gets a process group of its own; its parent, which waits for it, is outside of that. */
function commandScript(): string {
  return `
(
  if [ -p input ]; then exec 6< input; else exec 6< /dev/null; fi
  exec 3< script 7>&- 9>&-
  cd
  unset OLDPWD
  set -m
  bash --noprofile --norc -c 'eval "exec 3<&-
$(cat <&3)"' bash <&6 >&5 2>&1 5>&- 6<&- 8>&- &
  exec 3<&- 5>&- 6<&-
  child=$!
  echo "pid $child" >&8
  # Not wait -f: bash 5.2 turns in it for ever when the record of the process is gone. Without it a command that was
  # stopped is waited for again.
  wait "$child"
  code=$?
  while kill -0 "$child" 2>/dev/null; do
    sleep 1
    wait "$child"
    code=$?
  done
  echo "ended $code" >&8
) &
exec 5>&-`;
}

/**
 * To stop the command: TERM to its group, after 2 s to what else came from it, KILL to both, each where it is still
 * there; what was stopped by STOP goes on to hear it. The file `kill` tells the command's script to save nothing; whoever
 * asks before it has an id leaves that file.
 *
 * A signal goes to the group and nowhere else. TERM ends the shell at once, but not a program that cleans up first: then
 * the job ends when nobody of its group is left, or with the KILL that follows.
 */
function loopScript(): string {
  return `
descendants() {
  local stat line parent again=1 found=" $1 "
  while [ $again = 1 ]; do
    again=0
    for stat in /proc/[0-9]*/stat; do
      { read -r line < "$stat"; } 2>/dev/null || continue
      parent=\${line##*) ?}
      parent=\${parent# }
      case $found in
        *" \${line%% *} "*) ;;
        *" \${parent%% *} "*) found+="\${line%% *} "; again=1 ;;
      esac
    done
  done
  echo "\${found# $1 }"
}
after() { deadline=\${EPOCHREALTIME/[.,]/}; deadline=$((deadline + $1)); }
pause() {
  left=\${EPOCHREALTIME/[.,]/}; left=$((deadline - left))
  [ $left -gt 0 ] && printf -v left '%d.%06d' $((left / 1000000)) $((left % 1000000))
}
pid= code= phase=running timed=0 killed=0 written=0 others= rings=0 ringer= full=0 note=0 early= lingers=0
signal() {
  kill "-$1" -- "-$pid" 2>/dev/null
  case $1 in
    TERM) lingers=1 ;;
    STOP) printf '%-63s' 'running 0 0 0 0 0 stopped' 1<>state ;;
    CONT) printf '%-63s' running 1<>state ;;
  esac
}
lingering() {
  local stat line
  [ $lingers = 1 ] && [ "$code" = 143 ] && [ $phase != kill ] || return
  for stat in /proc/[0-9]*/stat; do
    { read -r line < "$stat"; } 2>/dev/null || continue
    set -- \${line##*) }
    [ "$3" = "$pid" ] && [ "$1" != Z ] && return
  done
  return 1
}
stop() {
  [ $phase = running ] && [ -n "$pid" ] || return
  others=$(descendants "$pid")
  : > kill
  kill -TERM -- "-$pid" 2>/dev/null
  kill -CONT -- "-$pid" 2>/dev/null
  phase=term lingers=1; after 2000000
}
overdue() {
  case $phase in
    running) timed=1; after 1000000; stop ;;
    term)
      others+=" $(descendants "$pid")"
      kill -KILL -- "-$pid" 2>/dev/null
      kill -TERM $others 2>/dev/null
      phase=kill; after 2000000 ;;
    kill) code=137 ;;
  esac
}
after "$timeout"
while [ -z "$code" ] || lingering; do
  pause || { overdue; continue; }
  [ -n "$code" ] && left=0.2
  read -r -t "$left" -u 8 line || continue
  case $line in
    "pid "*)
      pid=\${line#pid }
      [ -e kill ] && { killed=1; stop; }
      for line in $early; do signal "$line"; done ;;
    "signal "*) if [ -n "$pid" ]; then signal "\${line#signal }"; else early+=" \${line#signal }"; fi ;;
    "ended "*) code=\${line#ended } ;;
    kill) [ $phase = running ] && [ -n "$pid" ] && { killed=1; stop; } ;;
    written) written=1 ;;
    unkept) full=output ;;
    flooded) [ $phase = running ] && [ -n "$pid" ] && { note=flooded; stop; } ;;
    close) exec 7>&- ;;
    "matched "*)
      rings=$((rings + 1))
      # One that still tries to be heard is enough.
      { [ -n "$ringer" ] && kill -0 "$ringer"; } 2>/dev/null ||
        { (exec 7>&- 8>&- 9>&-; ring matched $rings "\${line#matched }") & ringer=$!; } ;;
  esac
done`;
}
