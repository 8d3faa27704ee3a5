import { fill, find, sizeText } from './dom.js'

/**
 * @typedef {object} Picker
 * @property {HTMLElement} root
 * @property {() => File | undefined} file the chosen picture
 * @property {(file: File) => void} choose takes a picture that was dropped or pasted, or says why not
 * @property {() => void} focus
 */

/**
 * A place for one picture: file input, camera, preview. What is chosen stands in the form's own input, so that the form
 * holds it however it came.
 *
 * @param {HTMLElement} root
 * @param {{ texts: Record<string, string>, maxBytes: number, onChange: () => void, onProblem: (text: string) => void }} options
 * @returns {Picker}
 */
export function createPicker (root, { texts, maxBytes, onChange, onProblem }) {
  const input = find(root, 'input[name]', HTMLInputElement)
  const frame = find(root, '.frame', HTMLElement)
  const remove = find(root, 'button', HTMLButtonElement)
  const told = find(root, '.told', HTMLElement)
  const limits = find(root, '.limits', HTMLElement)
  let kept = input.files?.[0]

  input.addEventListener('change', () => take(input.files?.[0]))
  frame.addEventListener('click', () => input.click())
  remove.addEventListener('click', () => {
    put(undefined)
    input.focus()
  })

  const camera = root.querySelector('input:not([name])')
  if (camera instanceof HTMLInputElement && window.matchMedia('(any-pointer: coarse)').matches) {
    camera.parentElement?.removeAttribute('hidden')
    camera.addEventListener('change', () => take(camera.files?.[0]))
  }
  if (kept !== undefined) show(kept) // the browser fills forms again when one goes back

  /** @param {File | undefined} file */
  function take (file) {
    // A dialog that was cancelled empties the input in some browsers; what was chosen before stays.
    if (file === undefined) return put(kept)
    const problem = problemOf(file)
    if (problem !== undefined) {
      put(kept)
      return onProblem(problem)
    }
    put(file)
  }

  /** @param {File} file */
  function problemOf ({ name, size, type }) {
    if (size === 0) return fill(texts.empty, { name })
    if (type !== '' && !type.startsWith('image/')) return fill(texts.noPicture, { name })
    if (size > maxBytes) return fill(texts.tooLarge, { name, size: sizeText(size), limit: sizeText(maxBytes) })
    return undefined
  }

  /** @param {File | undefined} file */
  function put (file) {
    const changed = file !== kept
    const transfer = new DataTransfer()
    if (file !== undefined) transfer.items.add(file)
    input.files = transfer.files
    kept = file
    if (!changed) return
    show(file)
    onChange()
  }

  /** @param {File | undefined} file */
  function show (file) {
    frame.querySelector('img')?.remove()
    root.classList.toggle('filled', file !== undefined)
    remove.hidden = file === undefined
    told.hidden = file === undefined
    limits.hidden = file !== undefined
    if (file === undefined) return
    told.textContent = fill(texts.chosen, { name: file.name, size: sizeText(file.size) })
    const image = document.createElement('img')
    image.alt = ''
    image.addEventListener('load', () => URL.revokeObjectURL(image.src))
    image.addEventListener('error', () => {
      URL.revokeObjectURL(image.src)
      image.remove()
      root.classList.remove('filled')
      if (kept === file) told.textContent = fill(texts.chosenUnseen, { name: file.name, size: sizeText(file.size) })
    })
    image.src = URL.createObjectURL(file)
    frame.append(image)
  }

  return { root, file: () => kept, choose: take, focus: () => input.focus() }
}

/**
 * Pictures dragged onto the window or pasted: onto a picker that is shown, else to the first.
 *
 * @param {readonly Picker[]} pickers
 */
export function takeDropsAndPastes (pickers) {
  /** @param {Event} event */
  const targetOf = ({ target }) => pickers.find(({ root }) => target instanceof Node && root.contains(target)) ?? pickers[0]
  /** @param {DragEvent} event */
  const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes('Files') ?? false
  /** @param {Picker | undefined} target */
  const mark = (target) => pickers.forEach((picker) => {
    picker.root.classList.toggle('dragging', target !== undefined)
    picker.root.classList.toggle('over', picker === target)
  })

  window.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    mark(targetOf(event))
  })
  window.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) mark(undefined)
  })
  window.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return
    event.preventDefault() // else the browser leaves the page and opens the file
    mark(undefined)
    const file = event.dataTransfer?.files[0]
    if (file !== undefined) targetOf(event)?.choose(file)
  })
  window.addEventListener('paste', (event) => {
    const file = event.clipboardData?.files[0]
    if (file === undefined) return
    event.preventDefault()
    targetOf(event)?.choose(file)
  })
}
