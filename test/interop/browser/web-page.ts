import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium as launcher, type Page } from 'playwright-core'
import { afterAll, onTestFinished, type TestContext } from 'vitest'
import { bundleBrowser } from '../../../scripts/bundle-browser.js'
import { chromium, requireClient } from '../../support/programs.ts'

/** What `@rtmpipe/web` has for pages, by name, as it is published. */
export async function webFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await bundleBrowser(fileURLToPath(new URL('../../../packages/web', import.meta.url)))
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]))
}

let files: ReturnType<typeof webFiles> | undefined
let launched: Promise<Browser> | undefined

/** Sound without a click, and a camera and a microphone that are none. */
const args = [
  '--no-sandbox',
  '--autoplay-policy=no-user-gesture-required',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
]

/**
 * Where a page is: the files under `/rtmpipe/`, scripts by name, and any other path is a page of these words.
 *
 * @param scripts by path, like `/probe.js`
 */
export async function servePage(
  html: string,
  scripts: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  files ??= webFiles()
  const known = await files
  const server = createServer(({ url = '/' }, response) => {
    const isScript = url.startsWith('/rtmpipe/') || scripts[url] !== undefined
    const file = isScript ? (scripts[url] ?? known.get(url.slice('/rtmpipe/'.length))) : html
    const type = isScript ? 'text/javascript' : 'text/html; charset=utf-8'
    response.writeHead(file === undefined ? 404 : 200, { 'content-type': type, ...headers }).end(file)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/**
 * A page of Debian's Chromium, which ends with the test, and what it complained about.
 *
 * @param before is run in the page before its own scripts
 */
export async function openWebPage(
  context: TestContext,
  url: string,
  before?: string,
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  await requireClient(context, 'chromium')
  launched ??= launcher.launch({ executablePath: chromium, args })
  const own = await (await launched).newContext({ viewport: { width: 800, height: 600 }, locale: 'en-US' })
  own.setDefaultTimeout(20_000)
  context.onTestFinished(() => own.close())
  if (before !== undefined) await own.addInitScript(before)
  const page = await own.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(url)
  return { page, complaints }
}

afterAll(async () => {
  const browser = await launched
  await browser?.close()
  launched = undefined
})
