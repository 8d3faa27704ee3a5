import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const children = new Set<ChildProcess>()
const folders = new Set<string>()

/** A child that must not outlive this process, however it ends (but for kill -9). */
export function track<T extends ChildProcess> (child: T): T {
  children.add(child)
  child.once('exit', () => { children.delete(child) })
  return child
}

/** A folder for one process's files, gone with this process at the latest. */
export function scratchFolder (purpose: string): string {
  const folder = mkdtempSync(join(tmpdir(), `bankinfo-bench-${purpose}-`))
  folders.add(folder)
  return folder
}

export async function removeFolder (folder: string): Promise<void> {
  folders.delete(folder)
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** Leaves no process and no folder behind when the bench is told to end in the middle. */
export function cleanUpAtExit (): void {
  process.once('SIGINT', () => { process.exit(130) })
  process.once('SIGTERM', () => { process.exit(143) })
  process.once('exit', () => {
    for (const child of children) child.kill('SIGTERM')
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
}
