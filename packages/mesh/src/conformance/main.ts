#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join, resolve } from 'node:path'
import { runFile } from './run.ts'

const here = fileURLToPath(new URL('../../conformance', import.meta.url))

/** A task runner starts this in the package, though the file was named from elsewhere. */
const starts = [process.env['INIT_CWD'] ?? '.', '.', join(here, '../../..'), here]

function find (name: string): string {
  const found = starts.flatMap((start) => [resolve(start, name), resolve(start, `${name}.json`)]).find((path) => existsSync(path))
  if (found === undefined) throw new Error(`${name}: no such file, looked from ${starts.map((start) => resolve(start)).join(', ')}`)
  return found
}

const named = process.argv.slice(2).filter((argument) => argument !== '--')
const files = named.length > 0
  ? named.map(find)
  // analysis.json is of another kind: what istioctl said of files.
  : (await readdir(here)).filter((name) => name.endsWith('.json') && name !== 'analysis.json').map((name) => join(here, name))

const total = { passed: 0, failed: 0, waiting: 0 }
for (const file of files) {
  const report = await runFile(file, (line) => { console.log(line) })
  total.passed += report.passed
  total.failed += report.failed
  total.waiting += report.waiting
}
if (total.waiting > 0) console.log(`${total.waiting} waiting for a feature that the mesh does not carry out yet`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
