import { fileURLToPath } from 'node:url'

/** Root of the repository that this program belongs to, with a slash at its end. */
export const repository = fileURLToPath(new URL('../../../', import.meta.url))

export const bankinfo = `${repository}packages/laptop/bin/bankinfo.js`
