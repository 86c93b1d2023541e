/**
 * `ring EVENT NUMBER [LINE]` tells the outside that something happened to the job: into the spool folder where there is
 * one, else to the address in the file `url`, again and again for an hour. Only a hint, so nobody has to believe it.
 * A doorbell that is not open yet says 404; one that is not wanted any more says 410. Ends when the job's folder is gone.
 */
export const ringScript = `
ring() {
  [ -s url ] || return
  local url body line=\${3//[[:cntrl:]]/ } pause=2 spent=0
  read -r url < url
  line=\${line//\\\\/\\\\\\\\}
  printf -v body '{"event":"%s","number":%d,"line":"%s"}' "$1" "$2" "\${line//\\"/\\\\\\"}"
  if [ -n "$spool" ]; then
    printf '{"url":"%s","body":%s}\\n' "$url" "$body" > "$spool/.$id.$2" && mv "$spool/.$id.$2" "$spool/$id.$2.json"
    return
  fi
  while [ -d "$folder" ]; do
    case $(post "$url" "$body" 2>/dev/null) in 2??|410) return ;; esac
    [ $spent -ge 3600 ] && return
    sleep $pause
    spent=$((spent + pause)) pause=$((pause < 600 ? pause * 2 : pause))
  done
}

# Prints the status of a POST of $2 to $1, with whatever program is there.
post() {
  local type='content-type: application/json'
  if command -v curl > /dev/null; then
    curl -s -o /dev/null -w '%{http_code}' -m 20 -H "$type" --data-binary "$2" "$1"
  elif command -v wget > /dev/null; then
    wget -S -O /dev/null -T 20 -t 1 --header "$type" --post-data "$2" "$1" 2>&1 |
      sed -n 's/^ *HTTP[^ ]* \\([0-9]*\\).*/\\1/p' | tail -n 1
  elif command -v python3 > /dev/null; then
    python3 -c 'import sys, urllib.request as r, urllib.error as e
q = r.Request(sys.argv[1], sys.argv[2].encode(), {"content-type": "application/json"})
try: print(r.urlopen(q, timeout=20).status)
except e.HTTPError as error: print(error.code)' "$1" "$2"
  elif command -v node > /dev/null; then
    node -e 'const [url, body] = process.argv.slice(1);
fetch(url, { method: "POST", body, headers: { "content-type": "application/json" } }).then((r) => console.log(r.status))' "$1" "$2"
  else
    echo 410
  fi
}
`;
