#!/usr/bin/env bash
# Packs the package, installs it into an empty project and uses it there: from ESM, with `require` where Node can, with types.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT
cd "$root"
tarball=$(npm pack --silent --pack-destination "$project" | tail -n 1)
npx publint --strict "$project/$tarball"
npx attw --profile esm-only "$project/$tarball"
cd "$project"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund "./$tarball"
cat > use.mjs <<'JS'
import { FtpVfs } from 'ftp-vfs'
const vfs = new FtpVfs('ftp://127.0.0.1:1/', { shortTimeout: 1000 })
const error = await vfs.stat('/').catch(error => error)
if (error.code !== 'ECONNREFUSED') throw error
await vfs.close()
console.log('import: ok')
JS
node use.mjs
cat > use.cjs <<'JS'
const { FtpVfs } = require('ftp-vfs')
if (typeof FtpVfs !== 'function') throw new Error('no FtpVfs')
console.log('require: ok')
JS
if node -e 'process.exit(process.features.require_module ? 0 : 1)'; then node use.cjs; else echo "require: not in Node $(node -v)"; fi
cat > use.ts <<'TS'
import { FtpVfs, type FtpVfsOptions } from 'ftp-vfs'
const options: FtpVfsOptions = { connections: 2 }
const vfs = new FtpVfs('ftp://localhost/', options)
export const text: Promise<string> = vfs.readFile('/a', 'utf8')
export const bytes: Promise<Buffer> = vfs.readFile('/a')
export const fs: typeof import('node:fs') = vfs.fs
TS
cat > tsconfig.json <<'JSON'
{ "compilerOptions": { "module": "nodenext", "target": "es2022", "strict": true, "noEmit": true, "types": ["node"],
  "typeRoots": ["./node_modules/@types"] }, "files": ["use.ts"] }
JSON
npm install --silent --no-audit --no-fund @types/node@20
"$root/node_modules/.bin/tsc" -p .
echo 'types: ok'
