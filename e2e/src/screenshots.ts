import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { chromiumPath, newPage, openBrowser, signIn } from './browser.ts'
import { root, startLaptop, type Laptop } from './laptop.ts'

// Takes the pictures of docs/ anew: `pnpm --filter @bankinfo/e2e screenshots`.

const folder = join(root, 'docs/images')
const languages = [['en-US', 'en'], ['zh-CN', 'zh']] as const

if (chromiumPath === undefined) process.exit(1)
await mkdir(folder, { recursive: true })
const laptop = await startLaptop()
const browser = await openBrowser()
try {
  for (const [locale, lang] of languages) {
    const page = await openPage(browser, locale)
    for (const version of ['v1', 'v2']) {
      await untilVersion(page, version)
      await take(page, `productpage-${version}-${lang}`)
    }
    await page.context().close()
  }

  await apply('virtual-service-user-v2-v3.yaml')
  await eachLanguage(async (page, lang) => {
    await signIn(page, 'yunqi2018')
    await take(page.locator('.added'), `productpage-v3-disabled-${lang}`)
  })

  await apply('serviceentry.yaml')
  await eachLanguage(async (page, lang) => {
    await signIn(page, 'yunqi2018')
    await take(page.locator('.added'), `productpage-v3-enabled-${lang}`)
    await page.goto(`${laptop.address}/styletransfer`)
    await page.locator('input[type=file][name=image]').setInputFiles(join(root, 'scripts/photo.jpg'))
    await page.locator('form.transfer button:not([type=button])').last().click()
    await page.locator('a[download]').waitFor()
    await page.waitForLoadState('networkidle')
    await take(page, `styletransfer-result-${lang}`)
  })
} finally {
  await browser.close()
  await laptop.close()
}

async function openPage (browser: Browser, locale: string): Promise<Page> {
  const { page } = await newPage(browser, { locale, viewport: { width: 1200, height: 900 } })
  await page.goto(`${laptop.address}/productpage`)
  return page
}

async function eachLanguage (run: (page: Page, lang: string) => Promise<void>): Promise<void> {
  for (const [locale, lang] of languages) {
    const page = await openPage(browser, locale)
    await run(page, lang)
    await page.context().close()
  }
}

async function untilVersion (page: Page, version: string): Promise<void> {
  for (let i = 0; i < 60; i++) {
    if ((await page.locator('.added .version strong').innerText()).toLowerCase() === version) return
    await page.reload()
  }
  throw new Error(`addedvalues ${version} did not answer in 60 refreshes`)
}

async function take (what: Page | Locator, name: string): Promise<void> {
  await what.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
  process.stdout.write(`docs/images/${name}.png\n`)
}

async function apply (file: string): Promise<void> {
  const { code, stderr } = await (laptop as Laptop).bankinfo('apply', '-f', join(root, 'istio', file))
  if (code !== 0) throw new Error(stderr)
}
