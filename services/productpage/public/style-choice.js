import { find } from './dom.js'

/**
 * @typedef {object} StyleChoice
 * @property {() => string} name name of the chosen style
 * @property {() => string} id its id; empty for the user's own
 */

/**
 * The gallery and the sliders of what is chosen in it.
 *
 * @param {HTMLFormElement} form
 * @returns {StyleChoice}
 */
export function createStyleChoice (form) {
  const about = find(form, '.about', HTMLElement)
  const summary = find(form, '.summary', HTMLElement)
  const sliders = [...form.querySelectorAll('.slider')].map(createSlider)
  about.hidden = false

  function show () {
    const { name = '', description = '', parameters = '[]' } = chosen().dataset
    about.textContent = description
    summary.textContent = name
    const taken = JSON.parse(parameters)
    for (const slider of sliders) slider.show(taken.find((/** @type {{ name: string }} */ one) => one.name === slider.name))
  }
  const chosen = () => find(form, 'input[name=style]:checked', HTMLInputElement)

  form.querySelectorAll('input[name=style]').forEach((radio) => radio.addEventListener('change', show))
  form.querySelectorAll('.gallery img').forEach((image) => image.addEventListener('error', () => image.classList.add('missing')))
  window.addEventListener('pageshow', show)
  show()
  return { name: () => chosen().dataset.name ?? '', id: () => chosen().value }
}

/**
 * One slider: shown where the style has it, with the style's own words.
 *
 * @param {Element} root
 */
function createSlider (root) {
  const input = find(root, 'input', HTMLInputElement)
  const value = find(root, '.value', HTMLElement)
  const hint = find(root, '.hint', HTMLElement)
  const tell = () => { value.textContent = input.value }
  input.addEventListener('input', tell)
  input.addEventListener('dblclick', () => {
    input.value = input.dataset.default ?? input.defaultValue
    tell()
  })
  return {
    name: input.name,
    /** @param {{ description: string } | undefined} parameter */
    show (parameter) {
      root.toggleAttribute('hidden', parameter === undefined)
      input.disabled = parameter === undefined
      hint.textContent = parameter?.description ?? ''
      tell()
    }
  }
}
