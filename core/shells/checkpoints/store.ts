import { quote } from "../quote.ts";

/**
 * The shadow repository, as pieces of bash. It lies apart from the files that it keeps (`~/.talaria/checkpoints`), is
 * one for all folders of a workspace, and lists files itself: git would leave out what lies in a project's own
 * repository. A checkpoint is a commit without parents, so that dropping one frees what only it held.
 */

/** How many checkpoints are kept, and for how long. */
export const maxCheckpoints = 20;
export const maxAgeDays = 7;
const maxFileBytes = 10_000_000;
const maxTreeBytes = 500_000_000;
const maxFiles = 50_000;

/** Another script of this workspace may hold the lock for so long; an older lock was left by one that was killed. */
const staleLockMinutes = 1;
/** A folder that took too long, or could not be kept, is left alone for so long. */
export const restMinutes = 60;

/** Files that come from elsewhere and are made again, our own, and what must not be copied: keys. */
const leftOut =
  ".git .hg .svn .talaria node_modules __pycache__ .venv venv .tox .cache .npm .next .nuxt .pytest_cache .mypy_cache " +
  ".ruff_cache .gradle .ssh .aws .gnupg .kube .env .env.* *.pem *.key .netrc .git-credentials .DS_Store";

const skipped = leftOut
  .split(" ")
  .map((name) => `-name '${name}'`)
  .join(" -o ");
const perFile = `-size +${Math.floor(maxFileBytes / 512)}`;

/** The folders that a project begins at, by what lies in them. */
const projectMarks =
  ".git .hg package.json pyproject.toml setup.py Cargo.toml go.mod pom.xml build.gradle Gemfile composer.json Makefile";

/** A script with our functions before it, or `otherwise` where there is no git: a simulated bash could not even read it. */
export const whereGitIs = (script: string, otherwise: string): string =>
  `if ! command -v git >/dev/null 2>&1; then ${otherwise}; exit 0; fi\neval ${quote(`${functions}\n${script}`)}\nexit 0`;

/** Names in it begin with `cp_`. */
const functions = `
umask 077
cp_home="$(cd -P "$HOME" && pwd -P)"
cp_store="$cp_home/.talaria/checkpoints"
export GIT_DIR="$cp_store/store.git" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=checkpoint GIT_AUTHOR_EMAIL=checkpoint@localhost GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0
export GIT_COMMITTER_NAME=checkpoint GIT_COMMITTER_EMAIL=checkpoint@localhost LC_ALL=C
unset GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_NAMESPACE GIT_COMMON_DIR
cp_init() {
  [ -f "$GIT_DIR/ready" ] && return 0
  git init -q --bare "$GIT_DIR" >/dev/null 2>&1 || return 1
  git config core.bare false
  git config core.autocrlf false
  git config core.hooksPath /dev/null
  git config core.looseCompression 1
  git config core.fsync none 2>/dev/null
  git config gc.autoDetach false
  git config gc.pruneExpire 1.hour.ago
  git config gc.auto 3000
  mkdir -p "$GIT_DIR/info"
  # Bytes go in and come out as they are, whatever the attributes of a project say.
  echo '* -text -filter -ident -working-tree-encoding' > "$GIT_DIR/info/attributes"
  : > "$GIT_DIR/ready"
}
cp_lock() {
  mkdir -p "$cp_store" || return 1
  for cp_try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    mkdir "$cp_store/lock" 2>/dev/null && { trap 'rm -rf "$cp_store/lock" "$cp_store"/*.part."$$"' EXIT; return 0; }
    [ -n "$(find "$cp_store/lock" -maxdepth 0 -mmin +${staleLockMinutes} 2>/dev/null)" ] && rmdir "$cp_store/lock" 2>/dev/null
    sleep 0.2
  done
  return 1
}
cp_use() {
  cp_folder="$1"
  cp_name="$(printf '%s' "$cp_folder" | git hash-object --stdin)"
  cp_index="$cp_store/$cp_name.index"
  export GIT_WORK_TREE="$cp_folder"
}
# A file that cannot be read would end the whole listing in git; not every find can tell.
cp_readable=
find / -maxdepth 0 -readable >/dev/null 2>&1 && cp_readable=-readable
cp_list() { (cd "$cp_folder" && find . \\( ${skipped} \\) -prune -o \\( -type l -o -type f ! ${perFile} $cp_readable \\) -print0); }
cp_large() { (cd "$cp_folder" && find . \\( ${skipped} \\) -prune -o -type f ${perFile} -print0); }
cp_number() { git for-each-ref --sort=-refname --count=1 --format='%(refname:lstrip=2)' refs/checkpoints; }
${snapshotFunctions()}`;

/**
 * `cp_tree` leaves the tree of what is in the folder now in `$cp_tree`, and says in `$cp_reason` why it has none. The
 * index is worked on as a copy: a script that is killed leaves no lock in git. `cp_keep` makes a checkpoint of it.
 */
function snapshotFunctions(): string {
  return `
cp_tree() {
  cp_reason=
  cp_list > "$cp_store/list.part.$$" 2>/dev/null
  cp_count="$(tr -cd '\\000' < "$cp_store/list.part.$$" | wc -c | tr -d ' ')"
  [ "$cp_count" -gt ${maxFiles} ] && { cp_reason="it holds more than ${maxFiles} files"; return 1; }
  cp_bytes="$(cd "$cp_folder" && xargs -0 ls -lnd < "$cp_store/list.part.$$" 2>/dev/null | awk '{ s += $5 } END { printf "%.0f", s }')"
  [ "\${cp_bytes:-0}" -gt ${maxTreeBytes} ] && { cp_reason="it holds more than ${maxTreeBytes / 1_000_000} MB"; return 1; }
  cd "$cp_folder" || { cp_reason="it cannot be entered"; return 1; }
  cp_work="$cp_store/index.part.$$"
  rm -f "$cp_work"
  # With its time: by it git knows which files may have changed after it looked, in the same second.
  [ -f "$cp_index" ] && cp -p "$cp_index" "$cp_work"
  export GIT_INDEX_FILE="$cp_work"
  # The index may remember what was cleared away since: then everything is read anew.
  cp_update || { rm -f "$cp_work"; cp_update; } || { cp_reason="git could not read it"; return 1; }
  mv -f "$cp_work" "$cp_index"
  export GIT_INDEX_FILE="$cp_index"
}
# What lies in the index and is gone, or has become a folder of files, is removed by --remove and --replace.
cp_update() {
  { git ls-files -z; cat "$cp_store/list.part.$$"; } |
    git update-index -z --add --remove --replace --stdin >/dev/null 2>&1 || return 1
  cp_large | git update-index -z --force-remove --stdin >/dev/null 2>&1
  cp_tree="$(git write-tree 2>/dev/null)"
}
cp_keep() {
  cp_next="$(cp_number)"
  cp_next="$(printf '%08d' $((10#\${cp_next:-0} + 1)))"
  cp_commit="$(printf '%s\\n\\n%s\\n%s\\n' "$1" "$cp_folder" "$2" | git commit-tree "$cp_tree")" &&
    git update-ref "refs/checkpoints/$cp_next" "$cp_commit" || { cp_reason="git could not write"; return 1; }
}
cp_drop() {
  cp_oldest=$(( $(date +%s) - ${maxAgeDays} * 86400 ))
  git for-each-ref --sort=-refname --format='%(refname) %(committerdate:unix)' refs/checkpoints |
    awk -v oldest="$cp_oldest" 'NR > ${maxCheckpoints} || $2 < oldest { print "delete " $1 }' | git update-ref --stdin
  # What scripts left behind that were killed.
  find "$cp_store" -maxdepth 1 -name '*.part.*' -mmin +10 -exec rm -f {} +
  # Not waited for. What is younger than an hour may be about to be used, so it stays.
  (setsid git gc --auto --quiet </dev/null >/dev/null 2>&1 &)
}
cp_root() {
  cp_at="$(cd -P "$1" 2>/dev/null && pwd -P)" || return 1
  cp_from="$cp_at"
  while [ "$cp_at" != "$cp_home" ] && [ "$cp_at" != / ] && [ "$cp_at" != /tmp ]; do
    for cp_mark in ${projectMarks}; do
      [ -e "$cp_at/$cp_mark" ] && { printf '%s' "$cp_at"; return 0; }
    done
    cp_at="$(dirname "$cp_at")"
  done
  case "$cp_from/" in
    "$cp_home"/*) printf '%s' "$cp_home" ;;
    /tmp/) return 1 ;;
    /tmp/*) printf '%s' "$cp_from" ;;
    *) return 1 ;;
  esac
}`;
}
