import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessibilityFindings, chromiumPath, newPage, openBrowser, signIn } from './browser.ts'
import { root, startLaptop, type Laptop } from './laptop.ts'
import { photo } from './photo.ts'

describe.runIf(chromiumPath !== undefined)('the page in a browser', () => {
  let laptop: Laptop
  let browser: Browser

  beforeAll(async () => {
    laptop = await startLaptop()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await laptop?.close()
  })
  const apply = async (file: string): Promise<void> => {
    const { code, stderr } = await laptop.bankinfo('apply', '-f', join(root, 'istio', file))
    expect(code, stderr).toBe(0)
  }

  test('refreshing shows the three versions in turn, each with its own label', async () => {
    const { page } = await newPage(browser)
    const seen = new Set<string>()
    // Round robin over three pods by the rules of the base: 60 tries leave nothing to luck.
    for (let i = 0; i < 60 && seen.size < 3; i++) {
      await page.goto(`${laptop.address}/productpage`)
      seen.add((await page.locator('.added .version strong').innerText()).toLowerCase())
    }
    expect([...seen].sort()).toEqual(['v1', 'v2', 'v3'])
  })

  test('a visitor gets v2, a yunqi user v3 with the button disabled, then enabled by the ServiceEntry', async () => {
    await apply('virtual-service-user-v2-v3.yaml')
    const { page, complaints } = await newPage(browser)
    await page.goto(laptop.address)
    expect(page.url()).toBe(`${laptop.address}/productpage`)
    expect(await page.locator('.added .version strong').innerText()).toMatch(/v2/i)

    await signIn(page, 'yunqi2018')
    expect(await page.locator('.added .version strong').innerText()).toMatch(/v3/i)
    expect(await page.locator('#style-transfer').isDisabled()).toBe(true)
    expect(await page.locator('#style-reason').innerText()).toContain('serviceentry.yaml')

    await apply('serviceentry.yaml')
    await page.locator('header .session button').click()
    await page.locator('header summary').waitFor()
    await signIn(page, 'yunqi2018')
    const [window] = await Promise.all([page.waitForEvent('popup'), page.locator('a#style-transfer').click()])
    await window.waitForLoadState()
    await window.locator('input[type=file][name=image]').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: photo() })
    await window.locator('form.transfer button:not([type=button])').last().click()
    const after = window.locator('figure img').last()
    await after.waitFor({ timeout: 60_000 })
    expect(await after.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBeGreaterThan(0)
    const [download] = await Promise.all([window.waitForEvent('download'), window.locator('a[download]').click()])
    expect((await readFile(await download.path())).length).toBeGreaterThan(1000)
    expect(complaints).toEqual([])
  })

  test('without script a photo is styled all the same', async () => {
    const { page } = await newPage(browser, { javaScriptEnabled: false })
    await page.goto(`${laptop.address}/productpage`)
    await signIn(page, 'yunqi')
    await page.goto(`${laptop.address}/styletransfer`)
    await page.locator('input[type=file][name=image]').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: photo() })
    await page.locator('form.transfer button:not([type=button])').last().click()
    await page.locator('a[download]').waitFor({ timeout: 60_000 })
    expect(await page.locator('figure img').count()).toBe(2)
  })

  test('something that is no picture is answered with a clear message in the window', async () => {
    const { page } = await newPage(browser)
    await page.goto(`${laptop.address}/productpage`)
    await signIn(page, 'yunqi')
    await page.goto(`${laptop.address}/styletransfer`)
    await page.locator('input[type=file][name=image]').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from('no picture at all') })
    await page.locator('form.transfer button:not([type=button])').last().click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).not.toBe('')
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [locale, lang] of [['en-US', 'en'], ['zh-CN', 'zh']] as const) {
      test(`axe-core finds nothing, ${colorScheme}, ${lang}, on a desktop and on a phone`, async () => {
        for (const viewport of [{ width: 1280, height: 900 }, { width: 360, height: 740 }]) {
          const { page, complaints } = await newPage(browser, { colorScheme, locale, viewport })
          await page.goto(`${laptop.address}/productpage`)
          expect(await page.locator('html').getAttribute('lang')).toMatch(new RegExp(`^${lang}`))
          expect(await accessibilityFindings(page)).toEqual([])
          const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
          expect(overflow, 'the page scrolls sideways').toBe(0)
          await signIn(page, 'yunqi')
          expect(await accessibilityFindings(page)).toEqual([])
          await page.goto(`${laptop.address}/styletransfer`)
          expect(await accessibilityFindings(page)).toEqual([])
          expect(complaints).toEqual([])
          await page.context().close()
        }
      })
    }
  }

  test('the switch changes the language and the next page keeps it', async () => {
    const { page } = await newPage(browser)
    await page.goto(`${laptop.address}/productpage`)
    await page.locator('a.language').click()
    expect(await page.locator('html').getAttribute('lang')).toMatch(/^zh/)
    await page.goto(`${laptop.address}/styletransfer`)
    expect(await page.locator('html').getAttribute('lang')).toMatch(/^zh/)
  })
})
