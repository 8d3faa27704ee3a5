import sharp from 'sharp'

/** Loaders of libvips that read photos. All others (SVG, PDF, ImageMagick, text, ...) are switched off in the process. */
const loaders = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((name) => `VipsForeignLoad${name}`)

/**
 * Sets up libvips for a service that works on strangers' files: only the loaders that photos need, no cache of finished
 * operations (each photo comes once), one thread for each photo, as several are worked on at once.
 */
export function setUpLibvips (): void {
  sharp.cache(false)
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: loaders })
}
