import { createActionBar } from './action-bar.js'
import { fill, find } from './dom.js'
import { createPicker, takeDropsAndPastes } from './picture-picker.js'
import { createResult } from './result.js'
import { sendForm } from './send-form.js'
import { createStyleChoice } from './style-choice.js'

// The window works without any of this: the form is posted, and a page comes back.
const form = document.querySelector('form.transfer')
if (form instanceof HTMLFormElement) openWindow(form)

/** @param {HTMLFormElement} form */
function openWindow (form) {
  /** @type {Record<string, string>} */
  const texts = JSON.parse(form.dataset.texts ?? '{}')
  const problem = createProblem(find(form, '.problem', HTMLElement))
  const style = createStyleChoice(form)
  const result = createResult(find(form, '.outcome', HTMLElement), texts)
  const bar = createActionBar(form, { texts, onCancel: () => sending?.cancel() })
  /** @type {ReturnType<typeof sendForm> | undefined} */
  let sending

  const pickerOptions = { texts, maxBytes: Number(form.dataset.maxBytes), onProblem: problem.show }
  const photo = createPicker(find(form, '[data-picker=image]', HTMLElement), {
    ...pickerOptions,
    onChange () {
      sending?.cancel() // what comes back would be of another photo than the one shown
      problem.hide()
      result.clear()
    }
  })
  const ownPlace = form.querySelector('[data-picker=styleImage]')
  const own = ownPlace instanceof HTMLElement ? createPicker(ownPlace, { ...pickerOptions, onChange: problem.hide }) : undefined
  takeDropsAndPastes(own === undefined ? [photo] : [photo, own])
  form.noValidate = true

  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (sending !== undefined) return
    const file = photo.file()
    if (file === undefined) return missing(texts.noImage, photo)
    const chosen = { id: style.id(), name: style.name() }
    if (chosen.id === '' && own?.file() === undefined) return missing(texts.noStyleImage, own)

    const data = new FormData(form)
    data.delete(chosen.id === '' ? 'style' : 'styleImage')
    problem.hide()
    bar.setBusy(true)
    sending = sendForm(form.action, data, bar.show)
    const outcome = await sending.outcome
    await tell(outcome, { file, chosen })
    sending = undefined
  })

  /**
   * @param {import('./send-form.js').Outcome} outcome
   * @param {{ file: File, chosen: { id: string, name: string } }} asked
   */
  async function tell (outcome, { file, chosen }) {
    if (typeof outcome === 'object' && 'picture' in outcome) {
      const showable = await result.show({ photo: file, styled: outcome.picture, style: chosen })
      bar.setBusy(false)
      bar.say(fill(texts.done, { style: chosen.name }))
      if (!showable) problem.show(texts.unshowable ?? '')
      return result.focus()
    }
    bar.setBusy(false)
    bar.say(outcome === 'cancelled' ? texts.cancelled ?? '' : '')
    if (outcome === 'broken') problem.show(texts.broken ?? '')
    if (typeof outcome === 'object') problem.show(outcome.problem || fill(texts.noAnswer, { status: outcome.status }))
  }

  /**
   * @param {string | undefined} text
   * @param {import('./picture-picker.js').Picker | undefined} picker
   */
  function missing (text, picker) {
    problem.show(text ?? '')
    picker?.focus()
  }
}

/**
 * The place where problems are told; it is an alert, so that it is read out when it fills.
 *
 * @param {HTMLElement} place
 */
function createProblem (place) {
  const paragraph = find(place, 'p', HTMLElement)
  return {
    /** @param {string} text */
    show (text) {
      paragraph.textContent = text
      place.hidden = false
      place.scrollIntoView({ block: 'nearest' })
    },
    hide () {
      place.hidden = true
      paragraph.textContent = ''
    }
  }
}
