import { fill } from './dom.js'

/**
 * Lays the photo before and after over each other with a slider between them: an input of type range over the whole
 * picture, so that mouse, finger and keys move it as they move any slider.
 *
 * @param {HTMLElement} pictures two figures, before and after, whose images are loaded
 * @param {Record<string, string>} texts
 */
export function compare (pictures, texts) {
  const [before, after] = pictures.querySelectorAll('img')
  if (before === undefined || after === undefined) return
  const ratio = after.naturalWidth / after.naturalHeight
  // Pictures of different shapes stay side by side.
  if (Math.abs(before.naturalWidth / before.naturalHeight / ratio - 1) > 0.02) return

  const slider = document.createElement('input')
  slider.type = 'range'
  slider.min = '0'
  slider.max = '100'
  slider.value = '50'
  slider.setAttribute('aria-label', texts.compare ?? '')
  const move = () => {
    pictures.style.setProperty('--at', `${slider.value}%`)
    slider.setAttribute('aria-valuetext', fill(texts.compareValue, { percent: 100 - Number(slider.value) }))
  }
  slider.addEventListener('input', move)
  pictures.style.setProperty('--ratio', String(ratio))
  pictures.classList.add('compare')
  pictures.append(slider)
  move()
}
