import { errorSchema, ServiceError, type App } from '@bankinfo/service'
import Type from 'typebox'
import type { Config } from '../config.ts'

/** The answer of v1 and v2 to whatever is asked of /styletransfer: 404, and who says so. */
export function withoutStyleTransfer (app: App, version: Config['SERVICE_VERSION']): void {
  app.addContentTypeParser('multipart/form-data', (_request, _payload, done) => { done(null) })
  app.route({
    method: ['GET', 'POST'],
    url: '/styletransfer/*',
    schema: {
      summary: `Style transfer is not in ${version}`,
      params: Type.Object({ '*': Type.String() }),
      response: { 404: Type.Intersect([errorSchema, Type.Object({ version: Type.String() })]) }
    },
    handler: async () => {
      throw new NotInThisVersion(version)
    }
  })
}

class NotInThisVersion extends ServiceError {
  constructor (version: string) {
    super(404, 'not_in_this_version', `addedvalues ${version} has no style transfer; v3 has it`, { details: { version } })
  }
}
