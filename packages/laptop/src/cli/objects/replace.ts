import { recordOf, type JsonRecord } from '../../resources/json.ts'
import { ApiFailure } from '../client.ts'
import { print, withFiles, withNamespace, type CliCommand } from '../command.ts'
import { objectLabel, resourcePath } from '../selection/targets.ts'
import { dryRunNote, writeQuery, withAnnotation, lastApplied, dryRunOf } from './apply.ts'
import { placedDocuments, printWarnings, printWriteFailure, type PlacedDocument } from './documents.ts'
import { warnOfRules } from '../findings/rule-warnings.ts'

/** `bankinfo replace`: what a file says takes the place of all that is there; the object must exist. */
export const command: CliCommand = {
  configure: (command) => {
    withFiles(withNamespace(command))
      .option('--dry-run <mode>', 'say what would happen, and change nothing: server or client', 'none')
      .option('--validate <mode>', 'unknown fields: strict, warn or ignore', 'strict')
  },
  run: async (context) => {
    const documents = await placedDocuments(context)
    const client = await context.connect()
    let failed = false
    const written: PlacedDocument[] = []
    for (const placed of documents) {
      const { document, kind, name, namespace } = placed
      const path = resourcePath(kind, { namespace, name })
      try {
        const current = await client.request('GET', path)
        const applied = recordOf(recordOf(current.metadata).annotations)[lastApplied] !== undefined
        const object = document.resource as unknown as JsonRecord
        const body = applied ? withAnnotation(object, namespace) : { ...object, metadata: { ...recordOf(object.metadata), ...(namespace !== undefined && { namespace }) } }
        if (dryRunOf(context) !== 'client') printWarnings(context, await client.request('PUT', path, { query: writeQuery(context), body }))
        written.push(placed)
        print(context.stdout, `${objectLabel(kind, name)} replaced${dryRunNote(context)}`)
      } catch (error) {
        if (!(error instanceof ApiFailure)) throw error
        await printWriteFailure(context, error, { document, doing: `error when replacing "${document.file}"` })
        failed = true
      }
    }
    if (dryRunOf(context) === 'none') await warnOfRules(context, client, written)
    return failed ? 1 : 0
  }
}
