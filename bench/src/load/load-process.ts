/** The load generator as a process of its own: takes one LoadOptions a message, answers with its LoadResult or an error. */
import { generateLoad, type LoadOptions } from './load.ts'

process.on('message', (options: LoadOptions) => {
  generateLoad(options).then(
    (result) => { process.send?.({ result }) },
    (error: unknown) => { process.send?.({ error: String(error) }) }
  )
})
process.on('disconnect', () => { process.exit() })
process.send?.('ready')
