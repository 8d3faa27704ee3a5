import { compare } from './compare.js'
import { fill, find, sizeText } from './dom.js'

const extensions = new Map([['image/jpeg', 'jpg'], ['image/png', 'png'], ['image/webp', 'webp'], ['image/avif', 'avif']])

/**
 * The place where results are shown, one at a time.
 *
 * @param {HTMLElement} place
 * @param {Record<string, string>} texts
 */
export function createResult (place, texts) {
  const template = find(document, '#result-template', HTMLTemplateElement)
  /** @type {string[]} */
  let urls = []

  function clear () {
    place.replaceChildren()
    urls.forEach((url) => URL.revokeObjectURL(url))
    urls = []
  }

  /**
   * @param {{ photo: File, styled: import('./send-form.js').StyledPicture, style: { id: string, name: string } }} result
   * @returns {Promise<boolean>} whether the browser can show the styled photo
   */
  async function show ({ photo, styled, style }) {
    const section = find(document.importNode(template.content, true), 'section', HTMLElement)
    const before = find(section, '.before img', HTMLImageElement)
    const after = find(section, '.after img', HTMLImageElement)
    const link = find(section, 'a', HTMLAnchorElement)
    const made = [URL.createObjectURL(photo), URL.createObjectURL(styled.picture)]
    before.src = made[0] ?? ''
    after.src = made[1] ?? ''
    after.alt = fill(texts.afterAlt, { style: style.name })
    link.href = after.src
    link.download = `bankinfo-${style.id || 'own-style'}.${extensions.get(styled.picture.type) ?? 'jpg'}`
    find(section, 'h2', HTMLElement).textContent = style.name

    // Shown when it is whole: a picture that fills in, or jumps, is no comparison.
    const [, showable] = await Promise.all([canShow(before), canShow(after)])
    if (before.naturalWidth === 0) before.closest('figure')?.remove()
    if (!showable) find(section, '.pictures', HTMLElement).remove()
    else compare(find(section, '.pictures', HTMLElement), texts)

    find(section, '.taken', HTMLElement).textContent = fill(texts.taken, {
      seconds: styled.seconds.toFixed(1),
      width: after.naturalWidth || '?',
      height: after.naturalHeight || '?',
      size: sizeText(styled.picture.size)
    })
    find(section, '.answered', HTMLElement).append(...styled.via.split(', ').flatMap((hop) => {
      const code = document.createElement('code')
      code.textContent = hop
      return [code, ' ']
    }))
    clear()
    urls = made
    place.append(section)
    return showable
  }

  const focus = () => {
    const heading = place.querySelector('h2')
    heading?.focus({ preventScroll: true })
    place.scrollIntoView({ block: 'nearest' })
  }

  return { show, clear, focus }
}

/** @param {HTMLImageElement} image */
async function canShow (image) {
  try {
    await image.decode()
    return true
  } catch {
    return false // a format that this browser does not know
  }
}
