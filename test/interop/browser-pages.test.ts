import { http, pages } from '@rtmpipe/http'
import { publishKeys } from '@rtmpipe/plugins/auth'
import type { Page } from 'playwright-core'
import { connect, createServer, deny, type Listener, type Plugin, type Server, tcp } from 'rtmpipe'
import { expect, onTestFinished, test, type TestContext } from 'vitest'
import { accessibilityFaults } from '../support/dashboard/browser.ts'
import { openWebPage, servePage } from './browser/web-page.ts'

/** Pages of a real server, which ends with the test. */
function serve(...plugins: readonly Plugin[]): Promise<Served> {
  return serveAt(0, ...plugins)
}

interface Served {
  readonly server: Server
  readonly rtmp: string
  readonly base: string
}

async function serveAt(port: number, ...plugins: readonly Plugin[]): Promise<Served> {
  const web = http({ port, mount: [pages()] })
  const server = createServer({ transports: [tcp({ port: 0 }), web.webSocket()], plugins: [...plugins, web] })
  onTestFinished(() => server.close())
  const [rtmp] = (await server.listen()) as [Listener, Listener]
  return { server, rtmp: `rtmp://127.0.0.1:${rtmp.address.port}`, base: `http://127.0.0.1:${web.address?.port}` }
}

/** Fills in the form of `/publish`, and begins. */
async function publishFrom(page: Page, name: string, key = ''): Promise<void> {
  await page.getByLabel('Stream name').fill(name)
  await page.getByLabel('Key, if').fill(key)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Start' }).click()
}

/** What is drawn, as one number: another picture has another one. */
const picture = `(() => {
  const canvas = document.querySelector('rtmpipe-player').shadowRoot.querySelector('canvas')
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  return data.reduce((sum, byte, at) => (sum + byte * (at % 251)) % 1_000_003, 0)
})()`

async function open(context: TestContext, url: string): Promise<Page> {
  const { page, complaints } = await openWebPage(context, url)
  context.onTestFinished(() => expect(complaints.filter(text => !/status of 403/.test(text))).toEqual([]))
  return page
}

/** Not by `waitForFunction`: the policy of the pages allows no `eval`. */
async function expectElements(page: Page): Promise<void> {
  await page.waitForURL('**/watch/**')
  await expect.poll(() => page.evaluate('customElements.get("rtmpipe-player") !== undefined')).toBe(true)
}

test('what is published from /publish is listed at /, and played on its page with a chat beside it', async context => {
  const { base } = await serve(publishKeys({ keys: ['right'] }))
  const list = await open(context, base)
  await list.getByText('Nothing is live').waitFor()
  const publishing = await open(context, `${base}/publish`)
  await publishFrom(publishing, 'show', 'right')
  await publishing.getByText('On air.').waitFor()

  const link = list.getByRole('link', { name: /show/ })
  await link.waitFor()
  await list.getByText('One stream is live.').waitFor()
  await link.click()
  await list.waitForURL('**/watch/live/show')
  await list.getByRole('heading', { name: 'show' }).waitFor()
  await expect.poll(() => list.evaluate(`${picture} > 0`)).toBe(true)
  const before = await list.evaluate(picture)
  await expect.poll(() => list.evaluate(picture)).not.toBe(before)

  const other = await open(context, `${base}/watch/live/show`)
  await list.getByLabel('Your name').fill('Ada <b>')
  const line = '<img src=x onerror=alert(1)> hello'
  await expect
    .poll(async () => {
      await list.getByLabel('Message').fill(line)
      await list.getByRole('button', { name: 'Send' }).click()
      return other.getByRole('log').textContent()
    })
    .toContain(`Ada <b> ${line}`)
  await list.getByRole('log').getByText('hello').first().waitFor()
  expect(await other.evaluate('document.querySelectorAll("img").length')).toBe(0)
})

test('a wrong key is said in a sentence, and the key is in no address', async context => {
  const { base } = await serve(publishKeys({ keys: ['right'], actions: ['publish', 'play'] }))
  const publishing = await open(context, `${base}/publish`)
  const asked: string[] = []
  publishing.on('request', request => asked.push(request.url()))
  publishing.on('websocket', socket => asked.push(socket.url()))
  await publishFrom(publishing, 'show', 'wrong-key')
  await publishing.getByRole('status').filter({ hasText: /key/i }).waitFor()
  expect(asked.some(url => url.startsWith('ws:'))).toBe(true)
  expect(asked.filter(url => url.includes('wrong-key'))).toEqual([])
})

test('a stream that needs a key to be played is not listed, and plays with the key behind #', async context => {
  const { base, rtmp } = await serve(publishKeys({ keys: ['right'], actions: ['publish', 'play'] }))
  const encoder = await connect(`${rtmp}/live`)
  onTestFinished(() => encoder.close())
  await encoder.publish('members?key=right')
  const page = await open(context, base)
  await page.getByText('Nothing is live that you may watch without a key.').waitFor()
  await page.goto(`${base}/watch/live/members`)
  await page.getByRole('status').filter({ hasText: 'The server refuses' }).waitFor()
  const [socket] = await Promise.all([
    page.waitForEvent('websocket'),
    (async () => {
      await page.getByText('This stream needs a key?').click()
      await page.getByLabel('Key', { exact: true }).fill('right')
      await page.getByRole('button', { name: 'Watch with this key' }).click()
    })(),
  ])
  expect(socket.url()).not.toContain('right')
  await page.getByRole('status').filter({ hasText: 'The server refuses' }).waitFor({ state: 'detached' })
  expect(new URL(page.url()).hash).toBe('#key=right')
})

test('a page of another origin is refused', async context => {
  const { base } = await serve()
  const { page } = await openWebPage(context, await servePage('<!doctype html>'))
  const opened = (url: string) =>
    page.evaluate<string>(`new Promise(resolve => {
      const socket = new WebSocket('${url}', 'rtmp')
      socket.onopen = () => resolve('open')
      socket.onerror = () => resolve('refused')
    })`)
  const url = `${base.replace('http', 'ws')}/live`
  expect(await opened(url)).toBe('refused')
  await page.goto(base)
  expect(await opened(url)).toBe('open')
})

test('a server that is started again is said, and list and chat come back', { timeout: 60_000 }, async context => {
  const { server, base } = await serve()
  const { page } = await openWebPage(context, `${base}/watch/live/show`)
  const { page: list } = await openWebPage(context, base)
  await list.getByText('Nothing is live').waitFor()
  await expectElements(page)
  await expect.poll(() => server.sharedObjects.get('live', 'chat/show')).toBeDefined()
  await server.close()
  await page.getByText('The chat is away.').waitFor()
  await list.getByText('The server does not answer.').waitFor()
  const again = await serveAt(Number(new URL(base).port))
  await list.getByText('Nothing is live').waitFor()
  await expect.poll(() => again.server.sharedObjects.get('live', 'chat/show'), { timeout: 10_000 }).toBeDefined()
  await page.getByText('The chat is away.').waitFor({ state: 'detached' })
  await expect.poll(() => again.server.players.size, { timeout: 10_000 }).toBe(1)
})

test('names and chats are text, and a chat that is closed is said', async context => {
  const evil = '<img src=x onerror=alert(1)> größer 100%'
  const closed: Plugin = { name: 'closed', onSharedObject: () => deny('SharedObject.NoReadAccess', 'closed') }
  const { server, base, rtmp } = await serve(closed)
  const encoder = await connect(`${rtmp}/live`)
  onTestFinished(() => encoder.close())
  await encoder.publish(evil)
  const page = await open(context, base)
  await page.getByRole('link', { name: evil }).click()
  await page.getByRole('heading', { name: evil }).waitFor()
  await page.getByText('There is no chat here for you.').waitFor()
  // The player asks for it by the same name.
  await expect.poll(() => [...server.players].map(({ streamName }) => streamName)).toEqual([evil])
  expect(await page.evaluate('document.querySelectorAll("img, [onerror]").length')).toBe(0)
})

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe-core finds nothing in ${colorScheme} colours, and everything is as wide as a phone`, async context => {
    const { base, rtmp } = await serve()
    const encoder = await connect(`${rtmp}/live`)
    onTestFinished(() => encoder.close())
    await encoder.publish('a-name-that-is-much-longer-than-a-phone-is-wide-and-has-no-place-to-break-anywhere')
    const page = await open(context, base)
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width: 360, height: 740 })
    const isSound = async (): Promise<void> => {
      expect(await accessibilityFaults(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    }
    await page.getByRole('link', { name: /a-name/ }).waitFor()
    await isSound()
    await page.getByRole('link', { name: /a-name/ }).click()
    await expectElements(page)
    await isSound()
    await page.goto(`${base}/publish`)
    await isSound()
    await page.getByLabel('Stream name').fill('show')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('button', { name: 'Start' }).waitFor()
    await isSound()
  })
