import { serviceConfig, type ServiceConfig } from '@bankinfo/service'
import Type from 'typebox'

export type Config = ServiceConfig

/**
 * What a lab server reads from its environment. Its log is the access log, as an ordinary web server's: what the services' own
 * log says besides is left out below `warn`.
 */
export const configSchema = serviceConfig({
  PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 8000, description: 'port to listen on; 0 takes a free one' }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'warn', description: 'least level that is logged beside the access log' })
})
