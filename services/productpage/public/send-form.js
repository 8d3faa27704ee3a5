/**
 * @typedef {{ phase: 'uploading' | 'receiving', percent: number } | { phase: 'working', seconds: number }} Progress
 * @typedef {object} StyledPicture
 * @property {Blob} picture
 * @property {string} via who had a part in it, nearest last
 * @property {number} seconds from the click to the last byte
 * @typedef {{ picture: StyledPicture } | { problem: string, status: number } | 'cancelled' | 'broken'} Outcome
 */

/**
 * Posts a form and tells how far it is. XMLHttpRequest, because fetch does not tell how much of an upload has left.
 *
 * @param {string} url
 * @param {FormData} form
 * @param {(progress: Progress) => void} onProgress
 * @returns {{ outcome: Promise<Outcome>, cancel: () => void }}
 */
export function sendForm (url, form, onProgress) {
  const request = new XMLHttpRequest()
  const begin = performance.now()
  let ticking = 0

  const outcome = new Promise((/** @type {(outcome: Outcome) => void} */ resolve) => {
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      onProgress({ phase: 'uploading', percent: Math.floor(100 * loaded / Math.max(total, 1)) })
    })
    request.upload.addEventListener('load', () => {
      const sent = performance.now()
      const tick = () => onProgress({ phase: 'working', seconds: Math.floor((performance.now() - sent) / 1000) })
      tick()
      ticking = window.setInterval(tick, 1000)
    })
    request.addEventListener('progress', ({ loaded, total, lengthComputable }) => {
      window.clearInterval(ticking)
      if (lengthComputable && request.status === 200) onProgress({ phase: 'receiving', percent: Math.floor(100 * loaded / total) })
    })
    request.addEventListener('loadend', () => window.clearInterval(ticking))
    request.addEventListener('abort', () => resolve('cancelled'))
    request.addEventListener('error', () => resolve('broken'))
    request.addEventListener('load', async () => resolve(await outcomeOf(request, performance.now() - begin)))
  })

  request.open('POST', url)
  request.responseType = 'blob'
  request.setRequestHeader('accept', 'image/*')
  request.send(form)
  onProgress({ phase: 'uploading', percent: 0 })
  return { outcome, cancel: () => request.abort() }
}

/**
 * @param {XMLHttpRequest} request
 * @param {number} ms
 * @returns {Promise<Outcome>}
 */
async function outcomeOf (request, ms) {
  const { status } = request
  /** @type {Blob} */
  const body = request.response
  if (status === 200 && body.type.startsWith('image/')) {
    return { picture: { picture: body, via: request.getResponseHeader('x-bankinfo-via') ?? '', seconds: ms / 1000 } }
  }
  try {
    const { explanation } = JSON.parse(await body.text())
    return { problem: String(explanation ?? ''), status }
  } catch {
    return { problem: '', status } // an answer that productpage did not give
  }
}
