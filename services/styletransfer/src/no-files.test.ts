import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import supertest from 'supertest'
import { expect, it, onTestFinished } from 'vitest'
import { listening } from '../bench/processes/listening.ts'
import { sample } from './testing/pictures.ts'

/** The compiled service under a limit of zero bytes for each file it writes (setrlimit(2), RLIMIT_FSIZE), with a folder for temporary files of its own. */
async function serviceWithoutFiles () {
  const temporary = await mkdtemp(join(tmpdir(), 'styletransfer-'))
  const entry = fileURLToPath(new URL('../dist/server.js', import.meta.url))
  const child = spawn('/bin/sh', ['-c', 'ulimit -f 0 && exec "$0" "$1"', process.execPath, entry], {
    env: { PORT: '0', LOG_LEVEL: 'info', MAX_SECONDS: '60', TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill()
      await once(child, 'exit')
    }
    await rm(temporary, { recursive: true })
  })
  return { request: supertest(await listening(child)), temporary }
}

it.skipIf(process.platform === 'win32')('writes no file, however large the photo and whatever its format', async () => {
  const { request, temporary } = await serviceWithoutFiles()
  // Rows of an interlaced picture come in no order, so that libvips must keep it whole; beyond 100 MB it would rather use a file.
  const large = await sharp({ create: { width: 7000, height: 7000, channels: 3, background: '#3060a0' } }).png({ progressive: true, compressionLevel: 1 }).toBuffer()
  for (const [photo, format] of [[large, 'jpeg'], [await sample('bright.jpg'), 'png'], [await sample('bright.jpg'), 'webp'], [await sample('bright.jpg'), 'avif']] as const) {
    await request.post('/transfer').attach('image', photo, 'photo').field('style', 'cyanotype').field('format', format).expect(200).expect('content-type', `image/${format}`)
  }
  await request.post('/transfer').attach('image', await sample('bright.jpg'), 'photo').attach('styleImage', await sample('portrait.jpg'), 'style').expect(200)
  expect(await readdir(temporary)).toEqual([])
})
