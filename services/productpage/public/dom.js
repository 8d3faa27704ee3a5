/**
 * The element of a kind that the page has at a place.
 *
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T}
 */
export function find (root, selector, kind) {
  const element = root.querySelector(selector)
  if (element instanceof kind) return element
  throw new Error(`The page has no ${kind.name} at ${selector}`)
}

/**
 * A text of the page with its {names} filled in.
 *
 * @param {string | undefined} text
 * @param {Record<string, string | number>} values
 */
export const fill = (text = '', values = {}) => text.replace(/\{(\w+)\}/g, (_all, name) => String(values[name] ?? ''))

/**
 * Bytes as people of the page's language read them.
 *
 * @param {number} bytes
 */
export function sizeText (bytes) {
  const [unit, value] = bytes < 1024 * 1024 ? ['kilobyte', Math.max(bytes / 1024, 0.1)] : ['megabyte', bytes / 1024 / 1024]
  return new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)
}
