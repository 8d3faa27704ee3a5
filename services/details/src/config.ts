import { serviceConfig } from '@bankinfo/service'

/** details needs nothing but what every service reads. */
export const configSchema = serviceConfig({})
