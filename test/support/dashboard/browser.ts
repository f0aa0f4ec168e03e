import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium as launcher,
  type Page,
} from 'playwright-core'
import { afterAll, type TestContext } from 'vitest'
import { chromium, requireClient } from '../programs.ts'

/** Where tests leave their pictures. */
export const artifacts: string = fileURLToPath(new URL('../../artifacts/', import.meta.url))

let launched: Promise<Browser> | undefined

/** What a page has complained about, beside answers of 401, 404, 409 and 429, which are part of the play. */
export interface Complaints {
  readonly complaints: readonly string[]
}

/** A page of Debian's Chromium in a context of its own, which ends with the test. Call it within a test. */
export async function openPage(
  context: TestContext,
  options: BrowserContextOptions = {},
): Promise<{ page: Page } & Complaints> {
  await requireClient(context, 'chromium')
  launched ??= launcher.launch({ executablePath: chromium, args: ['--no-sandbox'] })
  const browser = await launched
  const own = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US', ...options })
  own.setDefaultTimeout(20_000)
  context.onTestFinished(async () => {
    if (context.task.result?.state === 'fail') await pictureOf(own, context.task.name)
    await own.close()
  })
  const page = await own.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('dialog', dialog => {
    complaints.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', message => {
    const text = message.text()
    if (message.type() === 'error' && !/status of (401|404|409|429)/.test(text)) complaints.push(text)
  })
  page.on('request', request => {
    if (!request.url().startsWith('http://127.0.0.1:')) complaints.push(`a request to ${request.url()}`)
  })
  return { page, complaints }
}

/** What the page of a failed test looks like. */
async function pictureOf(own: BrowserContext, name: string): Promise<void> {
  const path = join(artifacts, `failed-${name.replaceAll(/\W+/g, '-').slice(0, 60)}.png`)
  await Promise.all(own.pages().map(page => page.screenshot({ path })))
}

/** Signs in at the dashboard. */
export async function signIn(page: Page, url: string, token: string): Promise<void> {
  await page.goto(url)
  await page.getByLabel('Admin token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('navigation').waitFor()
}

/** What axe-core finds wrong in the page as it is, by all of its rules or by these. */
export async function accessibilityFaults(page: Page, ...rules: readonly string[]): Promise<readonly string[]> {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
  await page.evaluate(await readFile(axe, 'utf8'))
  const { violations } = await page.evaluate<{
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[]
  }>(rules.length === 0 ? 'axe.run()' : `axe.run({ runOnly: { type: 'rule', values: ${JSON.stringify(rules)} } })`)
  return violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html} ${node.failureSummary}`))
}

afterAll(async () => {
  const browser = await launched
  await browser?.close()
  launched = undefined
})
