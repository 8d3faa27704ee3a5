/** The mesh with the bench's scene; the first argument is its SceneOptions as JSON. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createMesh, createTelemetry, formatAccessLog } from '@bankinfo/mesh'
import { caller, meshState, password, type SceneOptions } from './scene.ts'
import { announce } from './announce.ts'

const options = JSON.parse(process.argv[2] ?? '') as SceneOptions
const log = createRing(4 * 1024 * 1024)
const mesh = createMesh({ external: () => undefined, telemetry: createTelemetry(), onAccess: (record) => { log(formatAccessLog(record)) } })
await mesh.update(meshState(options))
const listener = await mesh.listenOutbound({ workload: caller, password })
process.on('message', (message) => {
  if (message !== 'memory') return
  collectGarbage()
  process.send?.({ memory: process.memoryUsage() })
})
announce(listener.port)

/** A full collection, so that what is left in the heap is what is held. */
function collectGarbage (): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
}

/** Keeps the last lines in one buffer: kept as strings they would survive every scavenge and cost more than the proxying. */
function createRing (size: number): (line: string) => void {
  const ring = Buffer.alloc(size)
  let end = 0
  return (line) => {
    if (end + line.length + 1 > size) end = 0
    end += ring.write(line, end, 'latin1')
    ring[end++] = 10
  }
}
