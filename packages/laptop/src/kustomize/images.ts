import type { Resource } from '@bankinfo/mesh'
import { isRecord, type JsonRecord } from '../resources/json.ts'
import type { ImageRule } from './kustomization.ts'

/** The object with its containers' images renamed as the rules say, wherever in it containers are. */
export function setImages (resource: Resource, rules: readonly ImageRule[]): Resource {
  return rules.length === 0 ? resource : walk(resource, rules) as Resource
}

function walk (value: unknown, rules: readonly ImageRule[]): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => walk(item, rules))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [
    key,
    (key === 'containers' || key === 'initContainers') && Array.isArray(item)
      ? item.map((container: unknown) => isRecord(container) ? withImage(container, rules) : container)
      : walk(item, rules)
  ]))
}

function withImage (container: JsonRecord, rules: readonly ImageRule[]): JsonRecord {
  if (typeof container.image !== 'string') return container
  return { ...container, image: rules.reduce(rename, container.image) }
}

/** A name ends before the tag or the digest; a port of a registry belongs to it. */
function rename (image: string, { name, newName = name, newTag, digest }: ImageRule): string {
  const [, bare = image, tag = ''] = /^(.*?)((?::[^:/@]+)?(?:@.+)?)$/.exec(image) ?? []
  if (bare !== name) return image
  if (digest !== undefined) return `${newName}@${digest}`
  return newTag === undefined ? newName + tag : `${newName}:${newTag}`
}
