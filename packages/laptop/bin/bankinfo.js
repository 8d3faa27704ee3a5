#!/usr/bin/env node
import { existsSync } from 'node:fs'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const main = new URL('../dist/cli/main.js', import.meta.url)

if (process.platform === 'win32') {
  fail('bankinfo runs on Linux and macOS; on Windows use WSL 2 (https://learn.microsoft.com/windows/wsl/install).')
} else if (major < 20 || (major === 20 && minor < 19)) {
  fail(`bankinfo needs Node 20.19 or newer, this is ${process.version}. Install a current one from https://nodejs.org.`)
} else if (!existsSync(main)) {
  fail('bankinfo is not built yet. Run "pnpm build" in the repository first ("pnpm dev" does it by itself).')
} else {
  await import(main.href)
}

function fail (message) {
  console.error(message)
  process.exitCode = 1
}
