/**
 * Loaded into every pod's process before its own code (`node --import`). The pod ends when its channel to the laptop process
 * closes, so that not even kill -9 of the laptop leaves a pod behind.
 */
if (process.channel !== undefined) {
  // Ends without the pod's own shutdown: nobody is left who could wait for it.
  process.on('disconnect', () => process.exit(1))
  // The channel alone must not keep a process alive that has nothing left to do.
  process.channel.unref()
}

export {}
