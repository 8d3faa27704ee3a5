// The window works without this: it shows the chosen photo before it is sent, and that work goes on after.
const form = document.querySelector('form.transfer')
const input = form?.querySelector('input[type=file]')

input?.addEventListener('change', () => {
  form.querySelector('.chosen')?.remove()
  const [file] = input.files
  if (file === undefined) return
  const image = document.createElement('img')
  image.className = 'chosen'
  image.alt = ''
  image.addEventListener('load', () => URL.revokeObjectURL(image.src))
  image.addEventListener('error', () => image.remove())
  image.src = URL.createObjectURL(file)
  input.after(image)
})

form?.addEventListener('submit', () => {
  form.setAttribute('aria-busy', 'true')
})
window.addEventListener('pageshow', () => form?.removeAttribute('aria-busy'))
