import { fill, find } from './dom.js'

/**
 * The bar under the form: what will be done, how far it is, and the way to stop it.
 *
 * @param {HTMLFormElement} form
 * @param {{ texts: Record<string, string>, onCancel: () => void }} options
 */
export function createActionBar (form, { texts, onCancel }) {
  const bar = find(form, '.action', HTMLElement)
  const progress = find(bar, 'progress', HTMLProgressElement)
  const summary = find(bar, '.summary', HTMLElement)
  const told = find(bar, '.progress', HTMLElement)
  const cancel = find(bar, 'button[type=button]', HTMLButtonElement)
  const submit = find(bar, 'button:not([type=button])', HTMLButtonElement)
  const status = find(form, '[role=status]', HTMLElement)
  cancel.addEventListener('click', onCancel)

  /** Says it to who does not see it. @param {string} text */
  function say (text) {
    if (status.textContent !== text) status.textContent = text
  }

  /** @param {boolean} busy */
  function setBusy (busy) {
    form.setAttribute('aria-busy', String(busy))
    // A button that is really disabled loses the focus, and with it the place of who uses keys.
    submit.setAttribute('aria-disabled', String(busy))
    if (!busy && document.activeElement === cancel) submit.focus()
    cancel.hidden = !busy
    progress.hidden = !busy
    told.hidden = !busy
    summary.hidden = busy
  }

  /** @param {import('./send-form.js').Progress} now */
  function show (now) {
    if (now.phase === 'working') {
      progress.removeAttribute('value')
      told.textContent = fill(texts.working, { seconds: now.seconds })
      say(texts.saidWorking ?? '')
      return
    }
    progress.value = now.percent
    told.textContent = fill(texts[now.phase], { percent: now.percent })
    if (now.phase === 'uploading') say(texts.saidUploading ?? '')
  }

  return { setBusy, show, say }
}
