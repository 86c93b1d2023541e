#!/usr/bin/env bash
# Needs: grep
# Prints: no tabs
# Prints: no floating actions
# Prints: no injected input
# Prints: bad.yml:3:
# Prints: bad.yml: no timeout-minutes
# Prints: 2:Error: no such file
set -euo pipefail
mkdir -p .github/workflows && cp ~/skill/templates/check.yml .github/workflows/
look() {
   grep -nP '\t' .github/workflows/*.yml && echo "tabs are not allowed in YAML" || echo "no tabs"
   grep -nE 'uses: +[^ ]+@(main|master|latest)' .github/workflows/*.yml || echo "no floating actions"
   grep -nE 'pull_request_target|permissions: *write-all' .github/workflows/*.yml || echo "no risky triggers"
   grep -nE 'run:.*\$\{\{ *github\.(event|head_ref)' .github/workflows/*.yml || echo "no injected input"
   grep -L 'timeout-minutes' .github/workflows/*.yml | sed 's/$/: no timeout-minutes/'
}
look
printf 'on: pull_request_target\nsteps:\n  - run: echo ${{ github.head_ref }}\n  - uses: x/y@main\n' > .github/workflows/bad.yml
look
printf 'npm ci\nError: no such file\n' > job.log
   grep -nE '##\[error\]|^Error|error:|FAILED|Process completed with exit code' job.log | head -20
