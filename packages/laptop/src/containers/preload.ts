/**
 * Loaded into every pod's process before its own code (`node --import`). The pod ends when its channel to the laptop process
 * closes, so that not even kill -9 of the laptop leaves a pod behind.
 */
import * as module from 'node:module'

if (process.channel !== undefined) {
  // Ends without the pod's own shutdown: nobody is left who could wait for it.
  process.on('disconnect', () => process.exit(1))
  // The channel alone must not keep a process alive that has nothing left to do.
  process.channel.unref()
}

// V8 keeps compiled code between starts, where this Node can (22.8 and newer) and NODE_COMPILE_CACHE names a folder.
const enableCompileCache: unknown = Reflect.get(module, 'enableCompileCache')
if (typeof enableCompileCache === 'function' && process.env.NODE_COMPILE_CACHE !== undefined) enableCompileCache()
