import { watch, type FSWatcher } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { compile } from './compiler.ts'
import { dependents, type WorkspacePackage } from './workspace.ts'

export interface WatchOptions {
  readonly root: string
  readonly packages: readonly WorkspacePackage[]
  /** Folders of the packages that were built anew; starts the pods that run from them. */
  readonly onBuilt: (directories: ReadonlySet<string>) => readonly string[]
  readonly say: (line: string) => void
}

/** A save is often several events; this many milliseconds after the last one the compiler starts. */
const quiet = 60

/** The laptop process itself is made of these: it cannot put itself on a new footing while it runs. */
const own = new Set(['@bankinfo/laptop', '@bankinfo/mesh'])

/** Watches the sources of the packages that pods run from: a saved file is compiled, and just the pods that depend on it start anew. */
export function watchSources ({ root, packages, onBuilt, say }: WatchOptions): { close(): void } {
  const changed = new Set<string>()
  const files = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let building: Promise<void> | undefined
  const closing = new AbortController()

  const note = (name: string, file: string): void => {
    changed.add(name)
    files.add(file)
    clearTimeout(timer)
    timer = setTimeout(() => { building ??= build() }, quiet)
  }

  const build = async (): Promise<void> => {
    while (changed.size > 0 && !closing.signal.aborted) {
      const names = new Set(changed)
      const what = [...files].map((file) => relative(root, file)).slice(0, 3).join(', ')
      changed.clear()
      files.clear()
      await rebuild(names, what)
    }
    building = undefined
  }

  const rebuild = async (names: ReadonlySet<string>, what: string): Promise<void> => {
    const affected = dependents(packages, names)
    for (const name of names) if (own.has(name)) say(`${what} changed: ${name} runs in this process; stop and start "pnpm dev" to use it`)
    const services = packages.filter(({ name }) => affected.has(name) && !own.has(name))
    if (services.length === 0) return
    const { ok, output, duration } = await compile(root, services.map(({ directory }) => directory), { check: true })
    if (closing.signal.aborted) return
    if (!ok) {
      say(`${what} changed, but does not compile; the pods go on with what they have:\n${output}`)
      return
    }
    const pods = onBuilt(new Set(services.map(({ directory }) => directory)))
    say(`${what} changed, compiled in ${(duration / 1000).toFixed(1)} s; ${pods.length === 0 ? 'no pod runs it' : `starting anew: ${pods.join(', ')}`}`)
  }

  const watchers = packages.flatMap(({ name, directory }): FSWatcher[] => {
    const source = join(directory, 'src')
    try {
      const watcher = watch(source, { recursive: true }, (_, file) => {
        if (file !== null && isSource(file)) note(name, join(source, file))
      })
      watcher.on('error', (error) => say(`cannot watch ${relative(root, source)}: ${error.message}`))
      return [watcher]
    } catch (error) {
      say(`cannot watch ${relative(root, source)}: ${error instanceof Error ? error.message : String(error)}; changes there need a new start`)
      return []
    }
  })
  return {
    close: () => {
      closing.abort()
      clearTimeout(timer)
      for (const watcher of watchers) watcher.close()
    }
  }
}

// Editors write beside the file: backups, swap files, numbered probes.
function isSource (file: string): boolean {
  const name = basename(file)
  return !name.startsWith('.') && !name.endsWith('~') && !name.endsWith('.test.ts') && /\.(ts|js|json|css|html|svg|txt)$/.test(name)
}
