import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A package of the workspace. */
export interface WorkspacePackage {
  readonly name: string
  readonly directory: string
  /** Names of the workspace packages it is built from. */
  readonly dependencies: readonly string[]
}

/** The packages under `packages/` and `services/`, as far as they are compiled. */
export async function readWorkspace (root: string): Promise<readonly WorkspacePackage[]> {
  const found = await Promise.all(['packages', 'services'].map(async (folder) => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
    return await Promise.all(entries.filter((entry) => entry.isDirectory()).map(async ({ name }) => await readPackage(join(root, folder, name))))
  }))
  const packages = found.flat().filter((one) => one !== undefined)
  const names = new Set(packages.map(({ name }) => name))
  return packages.map((one) => ({ ...one, dependencies: one.dependencies.filter((name) => names.has(name)) }))
}

async function readPackage (directory: string): Promise<WorkspacePackage | undefined> {
  const [manifest] = await Promise.all([
    readFile(join(directory, 'package.json'), 'utf8'),
    readFile(join(directory, 'tsconfig.json'), 'utf8')
  ]).catch(() => [])
  if (manifest === undefined) return undefined
  const content: unknown = JSON.parse(manifest)
  if (typeof content !== 'object' || content === null || !('name' in content) || typeof content.name !== 'string') return undefined
  const dependencies = 'dependencies' in content && typeof content.dependencies === 'object' ? Object.keys(content.dependencies ?? {}) : []
  return { name: content.name, directory, dependencies }
}

/** The packages that must be built or started anew when one has changed: itself, and all that depend on it, over any distance. */
export function dependents (packages: readonly WorkspacePackage[], changed: ReadonlySet<string>): ReadonlySet<string> {
  const affected = new Set(changed)
  let size: number
  do {
    size = affected.size
    for (const { name, dependencies } of packages) {
      if (dependencies.some((dependency) => affected.has(dependency))) affected.add(name)
    }
  } while (affected.size > size)
  return affected
}
