import { fileTypeFromBuffer } from 'file-type'
import { notAPhoto } from './problems.ts'

/** Media types that are taken, as their first bytes tell, and sharp's name of the format. */
const photos: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/apng': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/tiff': 'tiff',
  'image/avif': 'heif',
  'image/heic': 'heif',
  'image/heif': 'heif',
  'image/heic-sequence': 'heif',
  'image/heif-sequence': 'heif'
}

/**
 * What a file is by its content; name and declared type count for nothing.
 *
 * @param field name of the form field, for the message
 * @returns sharp's name of the format
 * @throws ServiceError 415 for all that is not a photo, naming what it is
 */
export async function sniff (field: string, bytes: Uint8Array): Promise<string> {
  if (bytes.length === 0) throw notAPhoto(field, 'an empty file')
  const type = await fileTypeFromBuffer(bytes)
  const format = type === undefined ? undefined : photos[type.mime]
  if (format !== undefined) return format
  throw notAPhoto(field, type === undefined || type.mime === 'application/xml' ? textual(bytes) : `${article(type.ext)} file (${type.mime})`)
}

/** Files whose signature says little or nothing: told by how their text begins. */
function textual (bytes: Uint8Array): string {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 1024)).trimStart().toLowerCase()
  if (head.includes('<svg')) return 'an SVG drawing'
  if (head.startsWith('<!doctype html') || head.startsWith('<html')) return 'an HTML page'
  if (head.startsWith('<?xml')) return 'an XML document'
  return 'something that is not a photo'
}

const article = (extension: string) => `${/^[aefhilmnorsx]/.test(extension) ? 'an' : 'a'} ${extension.toUpperCase()}`
