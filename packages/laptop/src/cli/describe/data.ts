import { arrayOf, recordOf, textOf, type JsonRecord } from '../../resources/json.ts'
import { header, showAnnotations, showMap } from './fields.ts'

/** A Secret: what it holds, and how much of it, never the content. */
export function describeSecret (secret: JsonRecord): string {
  const entries = Object.entries(recordOf(secret.data)).sort(([a], [b]) => a < b ? -1 : 1)
  const lines = entries.map(([key, value]) => `${key}:\t${Buffer.from(textOf(value), 'base64').length} bytes\n`)
  return `${header(secret)}\nType:\t${textOf(secret.type)}\n\nData\n====\n${lines.join('')}`
}

export function describeConfigMap (map: JsonRecord): string {
  const data = Object.entries(recordOf(map.data)).sort(([a], [b]) => a < b ? -1 : 1)
  const binary = Object.entries(recordOf(map.binaryData)).sort(([a], [b]) => a < b ? -1 : 1)
  return [
    `${header(map)}\nData\n====\n`,
    ...data.map(([key, value]) => `${key}:\n----\n${textOf(value)}\n\n`),
    '\nBinaryData\n====\n',
    ...binary.map(([key, value]) => `${key}: ${Buffer.from(textOf(value), 'base64').length} bytes\n`),
    '\n'
  ].join('')
}

export function describeNamespace (namespace: JsonRecord): string {
  const { name, labels, annotations } = recordOf(namespace.metadata)
  return `Name:\t${textOf(name)}\n${showMap('Labels', labels)}${showAnnotations(annotations)}Status:\t${textOf(recordOf(namespace.status).phase)}\n\nNo resource quota.\n\nNo LimitRange resource.\n`
}

export function describeServiceAccount (account: JsonRecord): string {
  const names = arrayOf(account.imagePullSecrets).map((secret) => textOf(recordOf(secret).name))
  const lines = names.length === 0 ? ['Image pull secrets:\t<none>\n'] : names.map((name, index) => `${index === 0 ? 'Image pull secrets:' : '                   '}\t${name}\n`)
  return header(account) + lines.join('')
}
