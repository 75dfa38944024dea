#!/bin/sh
# Bring the npm lock in a folder up to date with its package.json:  deploy/npm-lock.sh tests/interop/openid-client
# Names, versions and hashes only: npm leaves out where a package came from, the rest says whom to pay and goes too.
set -eu
cd "$(dirname "$0")/../$1"
npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund
node -e '
const fs = require("fs"), lock = JSON.parse(fs.readFileSync("package-lock.json"))
for (const one of Object.values(lock.packages)) delete one.funding
fs.writeFileSync("package-lock.json", JSON.stringify(lock, null, 2) + "\n")'
