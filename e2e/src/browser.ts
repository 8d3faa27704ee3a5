import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { findChromium, launchChromium } from './chromium.ts'

/** Path of the browser; BANKINFO_REQUIRE_BROWSER (CI) makes its absence an error. */
export const chromiumPath = requireChromium()

function requireChromium (): string | undefined {
  const path = findChromium()
  if (path !== undefined) return path
  const message = 'Browser tests did not run: no Chromium or Chrome was found. Install one, or set CHROME_PATH to it.'
  if (process.env.BANKINFO_REQUIRE_BROWSER) throw new Error(message)
  process.stderr.write(`${message}\n`)
  return undefined
}

/** One headless browser for a test file. */
export function openBrowser (): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('openBrowser is called only where there is a browser')
  return launchChromium(chromiumPath)
}

/** A page with no memory of others; it counts what the browser complains of. */
export async function newPage (browser: Browser, options: BrowserContextOptions = {}): Promise<{ page: Page, complaints: string[] }> {
  const context = await browser.newContext({ locale: 'en-US', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text()) })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('requestfailed', (request) => complaints.push(`${request.url()} ${request.failure()?.errorText}`))
  return { page, complaints }
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core finds on the page: `rule: element`, one for each. */
export async function accessibilityFindings (page: Page): Promise<string[]> {
  // The page's own content security policy forbids inline scripts; the debugger's evaluation is exempt from it.
  await page.evaluate(await axe)
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as AxeWindow).axe.run()
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
  })
}

interface AxeWindow {
  readonly axe: { run (): Promise<{ violations: { id: string, nodes: { target: string[] }[] }[] }> }
}

/** Signs in through the form of the page. */
export async function signIn (page: Page, username: string): Promise<void> {
  await page.locator('header summary').click()
  await page.locator('header input[name=username]').fill(username)
  await page.locator('header input[name=username]').press('Enter')
  // On a phone the name may give way to the button beside it.
  await page.locator('header .user').waitFor({ state: 'attached' })
}
