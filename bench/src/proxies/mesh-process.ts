/** The mesh with the bench's scene; the first argument is its SceneOptions as JSON. */
import { createMesh, formatAccessLog } from '@bankinfo/mesh'
import { caller, meshState, password, type SceneOptions } from './scene.ts'

const options = JSON.parse(process.argv[2] ?? '') as SceneOptions
const log = createRing(4 * 1024 * 1024)
const mesh = createMesh({ external: () => undefined, onAccess: (record) => { log(formatAccessLog(record)) } })
await mesh.update(meshState(options))
const listener = await mesh.listenOutbound({ workload: caller, password })
process.on('disconnect', () => { process.exit() })
process.on('message', (message) => {
  if (message === 'memory') process.send?.({ memory: process.memoryUsage() })
})
process.send?.({ port: listener.port })

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
