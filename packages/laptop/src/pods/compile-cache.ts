import * as module from 'node:module'

/** Lets V8 keep compiled code between starts, where this Node can (22.8 and newer) and NODE_COMPILE_CACHE names a folder. */
export function enableCompileCache (): void {
  const enable: unknown = Reflect.get(module, 'enableCompileCache')
  if (typeof enable === 'function' && process.env.NODE_COMPILE_CACHE !== undefined) enable()
}
