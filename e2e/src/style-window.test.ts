import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { accessibilityFindings, chromiumPath, newPage, openBrowser, signIn } from './browser.ts'
import { root, startLaptop, type Laptop } from './laptop.ts'
import { photo } from './photo.ts'

const png = { name: 'photo.png', mimeType: 'image/png', buffer: photo() }
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } as const

describe.runIf(chromiumPath !== undefined)('the style transfer window', () => {
  let laptop: Laptop
  let browser: Browser

  beforeAll(async () => {
    laptop = await startLaptop()
    browser = await openBrowser()
    for (const file of ['virtual-service-user-v2-v3.yaml', 'serviceentry.yaml']) {
      const { code, stderr } = await laptop.bankinfo('apply', '-f', join(root, 'istio', file))
      expect(code, stderr).toBe(0)
    }
  })
  afterAll(async () => {
    await browser?.close()
    await laptop?.close()
  })

  /** The window, opened by somebody whom the rules send to v3. */
  async function openWindow (options: BrowserContextOptions = {}): Promise<{ page: Page, complaints: string[] }> {
    const opened = await newPage(browser, options)
    onTestFinished(() => opened.page.context().close())
    await opened.page.context().request.post(`${laptop.address}/login`, { form: { username: 'yunqi2018' }, maxRedirects: 0 })
    await opened.page.goto(`${laptop.address}/styletransfer`)
    return opened
  }
  const choosePhoto = (page: Page) => page.locator('input[type=file][name=image]').setInputFiles(png)
  const submit = (page: Page) => page.locator('form.transfer button:not([type=button])').last().click()
  const result = (page: Page) => page.locator('a[download]').waitFor()
  const alert = (page: Page) => page.getByRole('alert').innerText()

  test('shows every style that the service has, with a preview and in both languages', async () => {
    const { page, complaints } = await openWindow()
    const { styles } = await (await page.request.get(`${laptop.address}/styletransfer/styles`)).json() as { styles: { id: string, name: Record<'en' | 'zh', string> }[] }
    expect(styles.length).toBeGreaterThanOrEqual(14)
    const names = () => page.locator('.gallery li:not(:has(#own-style)) .name').allInnerTexts()
    expect(await names()).toEqual(styles.map(({ name }) => name.en))
    await expect.poll(() => page.evaluate('[...document.querySelectorAll(".gallery img")].every((image) => image.naturalWidth > 0)'), { timeout: 60_000 }).toBe(true)
    await page.locator('a.language').click()
    expect(await names()).toEqual(styles.map(({ name }) => name.zh))
    expect(complaints).toEqual([])
  })

  test('styles a photo in place: preview, result under a slider that keys move, download; nothing from elsewhere', async () => {
    const { page, complaints } = await openWindow()
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    await choosePhoto(page)
    await page.locator('.stage .frame img').waitFor()
    await page.locator('.gallery label', { hasText: 'Comic' }).click()
    await page.locator('#format').selectOption('webp')
    await submit(page)
    await result(page)

    expect(await page.locator('figure img').count()).toBe(2)
    expect(await page.evaluate('document.activeElement.id'), 'the focus goes to the result').toBe('result')
    expect(await page.getByRole('status').innerText()).toBe('Done: your photo in the style Comic.')
    const slider = page.locator('.compare input')
    await slider.focus()
    await page.keyboard.press('ArrowLeft')
    expect(await slider.getAttribute('aria-valuetext')).toBe('51 % styled')
    await page.keyboard.press('End')
    expect(await slider.getAttribute('aria-valuetext')).toBe('0 % styled')
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').click()])
    expect(download.suggestedFilename()).toBe('bankinfo-comic.webp')
    expect((await readFile(await download.path())).subarray(8, 12).toString()).toBe('WEBP')
    expect(requests.filter((url) => !url.startsWith(laptop.address) && !url.startsWith(`blob:${laptop.address}`))).toEqual([])
    expect(complaints).toEqual([])
  })

  test('the sliders count: without any strength the photo comes back as it was', async () => {
    const { page } = await openWindow()
    await choosePhoto(page)
    await page.locator('#format').selectOption('png')
    const difference = async (strength: number): Promise<unknown> => {
      await page.locator('#strength').fill(String(strength))
      const old = await page.evaluate('document.querySelector(".after img")?.src')
      await submit(page)
      await expect.poll(() => page.evaluate('document.querySelector(".after img")?.src'), { timeout: 60_000 }).not.toBe(old)
      return page.evaluate(`{
        const pixels = [...document.querySelectorAll('figure img')].map((image) => {
          const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext('2d')
          canvas.drawImage(image, 0, 0)
          return canvas.getImageData(0, 0, image.naturalWidth, image.naturalHeight).data
        })
        Math.max(...pixels[0].map((one, at) => Math.abs(one - pixels[1][at])).slice(0, 100000))
      }`)
    }
    expect(await difference(0)).toBeLessThan(3)
    expect(await difference(100)).toBeGreaterThan(20)
  })

  test('tells how much of a slow upload has left, and stops it when cancelled', async () => {
    const { page } = await openWindow()
    await page.locator('input[type=file][name=image]').setInputFiles({ ...png, buffer: Buffer.concat([png.buffer, Buffer.alloc(3_000_000)]) })
    const network = await page.context().newCDPSession(page)
    await network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 400_000 })
    await submit(page)
    const percents = new Set<number>()
    await expect.poll(async () => {
      percents.add(Number(await page.locator('.action progress').getAttribute('value')))
      return percents.size
    }, { timeout: 60_000, interval: 100 }).toBeGreaterThan(3)
    expect([...percents]).toEqual([...percents].sort((a, b) => a - b))
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.locator('.action progress').waitFor({ state: 'hidden' })
    expect(await page.getByRole('status').innerText()).toBe('Cancelled.')
    expect(await page.locator('a[download]').count()).toBe(0)

    await network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 })
    await submit(page)
    await result(page)
  })

  test('takes the colours of a style image of one\'s own, and asks for it when it is missing', async () => {
    const { page } = await openWindow()
    await choosePhoto(page)
    expect(await page.locator('input[name=styleImage]').count()).toBe(1)
    await page.locator('#own-style').check()
    expect(await page.locator('[data-parameter=detail]').isVisible(), 'a style image takes no detail').toBe(false)
    await submit(page)
    expect(await alert(page)).toContain('Choose a style image first')
    expect(await page.evaluate('document.activeElement.id')).toBe('styleImage')
    await page.locator('input[name=styleImage]').setInputFiles(png)
    await submit(page)
    await result(page)
    expect(await page.locator('a[download]').getAttribute('download')).toMatch(/^bankinfo-own-style\./)
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  test('takes a photo that is dropped or pasted, and no other file', async () => {
    const { page } = await openWindow()
    const give = (event: 'drop' | 'paste', name: string, type: string) => page.evaluate(`{
      const files = new DataTransfer()
      files.items.add(new File([Uint8Array.from(atob('${png.buffer.toString('base64')}'), (one) => one.charCodeAt(0))], '${name}', { type: '${type}' }))
      const options = { bubbles: true, cancelable: true }
      document.querySelector('.stage').dispatchEvent('${event}' === 'drop'
        ? new DragEvent('drop', { ...options, dataTransfer: files })
        : new ClipboardEvent('paste', { ...options, clipboardData: files }))
    }`)
    const told = page.locator('.stage .told')
    await give('drop', 'dropped.png', 'image/png')
    expect(await told.innerText()).toContain('dropped.png')
    await give('paste', 'pasted.png', 'image/png')
    expect(await told.innerText()).toContain('pasted.png')
    await give('drop', 'letter.pdf', 'application/pdf')
    expect(await alert(page)).toContain('letter.pdf is no picture')
    expect(await told.innerText(), 'the photo that was chosen stays').toContain('pasted.png')
    await submit(page)
    await result(page)
  })

  test('says what is wrong by its real kind, and works on', async () => {
    const { page } = await openWindow()
    await submit(page)
    expect(await alert(page)).toBe('Choose a photo first.')
    expect(await page.evaluate('document.activeElement.id')).toBe('image')

    const input = page.locator('input[type=file][name=image]')
    await input.setInputFiles({ ...png, buffer: Buffer.alloc(26 * 1024 * 1024, 1) })
    expect(await alert(page)).toMatch(/photo\.png is too large: 26 MB, and at most 25 MB are taken/)
    await input.setInputFiles({ ...png, buffer: png.buffer.subarray(0, 700) })
    await submit(page)
    await expect.poll(() => alert(page), { timeout: 30_000 }).toContain('That file cannot be read as a picture')

    await choosePhoto(page)
    await page.context().setOffline(true)
    await submit(page)
    await expect.poll(() => alert(page), { timeout: 30_000 }).toContain('The connection broke')
    await page.context().setOffline(false)
    await page.route('**/styletransfer', (route) => route.fulfill({ status: 503, body: 'no healthy upstream' }))
    await submit(page)
    await expect.poll(() => alert(page), { timeout: 30_000 }).toContain('HTTP 503')
    await page.unroute('**/styletransfer')
    await submit(page)
    await result(page)
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  test('signing in and out lead back to the window', async () => {
    const { page } = await newPage(browser)
    onTestFinished(() => page.context().close())
    await page.goto(`${laptop.address}/styletransfer`)
    expect(await alert(page)).toContain('addedvalues v2 answered this request')
    await signIn(page, 'yunqi')
    expect(page.url()).toBe(`${laptop.address}/styletransfer`)
    await page.locator('form.transfer').waitFor()
    await page.locator('header .session button').click()
    await page.locator('header summary').waitFor()
    expect(page.url()).toBe(`${laptop.address}/styletransfer`)
  })

  test('a phone offers its camera, a desktop does not', async () => {
    const { page } = await openWindow(phone)
    await page.getByText('Take a photo').waitFor()
    const camera = page.locator('#camera')
    expect(await camera.getAttribute('capture')).toBe('environment')
    await camera.setInputFiles({ ...png, name: 'taken.png' })
    expect(await page.locator('.stage .told').innerText()).toContain('taken.png')
    await submit(page)
    await result(page)
    expect(await (await openWindow()).page.getByText('Take a photo').isVisible()).toBe(false)
  })

  test('without script it asks, styles, and says what is wrong', async () => {
    const { page } = await openWindow({ javaScriptEnabled: false })
    expect(await page.getByText('Take a photo').isVisible()).toBe(false)
    await choosePhoto(page)
    await page.locator('input[name=style][value=neon]').check({ force: true })
    await submit(page)
    await result(page)
    expect(await page.locator('figure img').count()).toBe(2)
    expect(await page.locator('input[name=style][value=neon]').isChecked()).toBe(true)
    await choosePhoto(page)
    await page.locator('#own-style').check({ force: true })
    await submit(page)
    expect(await alert(page)).toContain('Your own style needs a style image')
    await choosePhoto(page)
    await page.locator('input[name=styleImage]').setInputFiles(png)
    await submit(page)
    await result(page)
  })

  test('nothing moves for who asked for less motion', async () => {
    const { page } = await openWindow({ reducedMotion: 'reduce' })
    await choosePhoto(page)
    await page.route('**/styletransfer', async (route) => { await page.locator('.action progress').waitFor(); expect(await moving(page)).toBe(0); await route.continue() })
    await submit(page)
    await result(page)
    expect(await moving(page)).toBe(0)
  })
  const moving = (page: Page) => page.evaluate('document.getAnimations().length')

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const locale of ['en-US', 'zh-CN']) {
      test(`axe-core finds nothing in any state, ${colorScheme}, ${locale}, on a desktop and on a phone`, async () => {
        for (const screen of [{ viewport: { width: 1280, height: 900 } }, phone]) {
          const { page } = await openWindow({ colorScheme, locale, reducedMotion: 'reduce', ...screen })
          const findings = async (state: string): Promise<void> => {
            expect(await accessibilityFindings(page), state).toEqual([])
            expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), `${state}: scrolls sideways`).toBe(0)
          }
          await findings('empty')
          await submit(page)
          await findings('a problem')
          await choosePhoto(page)
          await page.locator('#own-style').check()
          await page.locator('input[name=styleImage]').setInputFiles(png)
          await findings('photo and style image chosen')
          await submit(page)
          await result(page)
          await findings('result')
        }
      })
    }
  }
})
