#!/usr/bin/env bash
# Needs: python3 curl jq
# Prints: SERVICE_TOKEN is not set
# Prints: signed in: True
# Prints: status 200
# Prints: objects 5
# Prints: duplicates none
set -euo pipefail
cat > server.py <<'PY'
import http.server, json, urllib.parse
failed = set()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        page = int(urllib.parse.parse_qs(url.query).get("page", ["1"])[0])
        body, status = {"items": [{"id": n} for n in range(1, 6)][(page - 1) * 2 : page * 2]}, 200
        if url.path == "/me":
            body = self.headers.get("Authorization", "").startswith("Bearer ")
        elif page == 2 and page not in failed:
            failed.add(page)
            status = 503
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())
    def log_message(self, *arguments):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
open("port.new", "w").write(str(server.server_port))
__import__("os").rename("port.new", "port")
server.serve_forever()
PY
python3 server.py & trap 'kill $!' EXIT
for look in $(seq 1 100); do [ -e port ] && break; sleep 0.1; done
base=http://127.0.0.1:$(cat port)
   [ -n "${SERVICE_TOKEN:-}" ] && echo "token is set" || echo "SERVICE_TOKEN is not set"
read -r SERVICE_TOKEN <<< "word"
echo "signed in: $(printf 'header = "Authorization: Bearer %s"\n' "$SERVICE_TOKEN" | curl -sS --config - "$base/me" | sed s/true/True/)"
   status=$(curl -sS --max-time 30 -D headers.txt -o body.json -w '%{http_code}' "$base/items?page=1")
echo "status $status"
   : > all.ndjson
   for page in $(seq 1 200); do
     curl -sS --fail --retry 4 --max-time 30 -o page.json "$base/items?page=$page" || break
     jq -c '.items[]' page.json >> all.ndjson
     [ "$(jq '.items | length' page.json)" -gt 0 ] || break
   done
echo "objects $(wc -l < all.ndjson)"
[ -z "$(jq -r .id all.ndjson | sort | uniq -d)" ] && echo "duplicates none"
