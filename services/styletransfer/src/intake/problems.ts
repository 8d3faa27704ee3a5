import { ServiceError } from '@bankinfo/service/errors'

/** 400: the form is not what the endpoint takes; `field` is where to look. */
export const badForm = (field: string, message: string) =>
  new ServiceError(400, 'bad_form', message, { details: { field } })

/** 413: more bytes than a photo may have. */
export const tooLarge = (limit: number) =>
  new ServiceError(413, 'too_large', `The photo is larger than ${megabytes(limit)}. Send a smaller one.`, { details: { maxUploadBytes: limit } })

/** 415: the content is not a photo of a kind that is taken; `found` is what it is. */
export const notAPhoto = (field: string, found: string) =>
  new ServiceError(415, 'not_a_photo', `"${field}" holds ${found}. Send a photo as JPEG, PNG, WebP, AVIF, TIFF or GIF; the content counts, not the name.`, { details: { field, found } })

/** 422: a photo by its first bytes, but not one that can be shown. */
export const unreadable = (field: string, reason: string) =>
  new ServiceError(422, 'unreadable', `"${field}" is damaged or incomplete (${reason}). Save the photo once more and send that.`, { details: { field } })

/** 503: all workers and all places in the queue are taken. */
export const busy = (retryAfter: number) =>
  new ServiceError(503, 'busy', `Too many photos at once. Try again in ${retryAfter} s.`, { details: { retryAfter } })

/** 503: the photo took longer than one may. */
export const tooSlow = (seconds: number) =>
  new ServiceError(503, 'too_slow', `The work on this photo took longer than ${seconds} s and was stopped. Try a smaller photo or another style.`, { details: { maxSeconds: seconds } })

const megabytes = (bytes: number) => bytes < 1024 * 1024 ? `${Math.floor(bytes / 1024)} KiB` : `${Math.floor(bytes / 1024 / 1024)} MiB`
