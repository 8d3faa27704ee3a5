import { defaultEdge, type Job } from '@bankinfo/styletransfer/work/job'

/** The job that the service would make of a JPEG and a style; `own-style` takes the photo's own palette. */
export function jobOf (photo: Uint8Array<ArrayBuffer>, style: string): Job {
  return {
    image: { field: 'image', bytes: photo, format: 'jpeg' },
    ...(style === 'own-style' ? { styleImage: { field: 'styleImage', bytes: photo, format: 'jpeg' } } : { style }),
    strength: 1,
    detail: 0.5,
    format: 'jpeg',
    limits: { pixels: 1e8, frames: 1, edge: defaultEdge, seconds: 60 }
  }
}
