import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test, type TestContext } from 'vitest'
import { accessibilityFaults, artifacts, openPage, signIn } from '../support/dashboard/browser.ts'
import { PretendServer } from '../support/dashboard/pretend-server.ts'
import { pretend, pretendEvents, pretendRefusals, pretendServer } from '../support/dashboard/pretend-reports.ts'

/** For what does much in the browser. */
const patient = { timeout: 150_000 }

const pages = ['Streams', 'Viewers', 'Recordings and relays', 'Refusals', 'Time line', 'Server']

/** A server that is made up, with so many streams and viewers. */
async function pretending(context: TestContext, streams: number, players: number): Promise<PretendServer> {
  const server = await PretendServer.start()
  context.onTestFinished(() => server[Symbol.asyncDispose]())
  const now = Date.now()
  const all = pretend(streams, players, now)
  const refusals = pretendRefusals(now)
  Object.assign(server.reports.all, { ...all, server: pretendServer(all, now), refusals })
  server.reports.tell(...pretendEvents(all, refusals, now))
  return server
}

async function open(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name }).click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

test('1,000 streams and 10,000 viewers: few rows are in the page, and scrolling is smooth', patient, async context => {
  const { page, complaints } = await openPage(context)
  const server = await pretending(context, 1_000, 10_000)
  await signIn(page, server.url, server.token)
  await page.getByText('1,000 of 1,000').waitFor()
  for (const [name, rows] of [
    ['Streams', 1_000],
    ['Viewers', 10_000],
  ] as const) {
    await open(page, name)
    const table = page.getByRole('table', { name })
    await page.getByText(`${rows.toLocaleString('en')} of ${rows.toLocaleString('en')}`).waitFor()
    expect(await table.getAttribute('aria-rowcount')).toBe(String(rows + 1))
    expect(await table.getByRole('row').count()).toBeLessThan(60)
    expect(await page.evaluate('document.querySelectorAll("*").length')).toBeLessThan(3_000)
    const all = await page.evaluate<Scrolled>(scroll)
    // After each step the rows that are to be seen were there in the same frame.
    expect(all.missing).toBe(0)
    await page.evaluate('document.querySelector(".table").scrollTop = 1e9')
    await table.locator(`[aria-rowindex="${rows + 1}"]`).waitFor()
    // Beside a list of a tenth: what a step costs does not depend on the length.
    await page.getByRole('searchbox').fill('main-stage')
    await page.getByText(new RegExp(`^[\\d,]+ of ${rows.toLocaleString('en')}$`)).waitFor()
    const few = await page.evaluate<Scrolled>(scroll)
    await page.getByRole('searchbox').fill('')
    await context.annotate(`${name}: a step takes ${all.median} ms, ${few.median} ms in a short list`)
    expect(all.median).toBeLessThan(3 * few.median + 16)
  }
  expect(complaints).toEqual([])
})

interface Scrolled {
  /** Milliseconds of script and layout for a step. */
  readonly median: number
  /** Steps after which there was no row where one has to be. */
  readonly missing: number
}

/** Scrolls the table page by page, 30 times: each step has other rows. */
const scroll = `(async () => {
  const table = document.querySelector('.table')
  const box = table.getBoundingClientRect()
  const frame = () => new Promise(requestAnimationFrame)
  const times = []
  let missing = 0
  for (let at = 1; at <= 30; at++) {
    await frame()
    const begun = performance.now()
    table.scrollTop = (at * box.height) % (table.scrollHeight - table.clientHeight + 1)
    table.dispatchEvent(new Event('scroll'))
    await new Promise(resolve => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = resolve
      port2.postMessage(0)
    })
    table.getBoundingClientRect()
    times.push(performance.now() - begun)
    await frame()
    if (!document.elementFromPoint(box.x + 40, box.y + box.height / 2)?.closest('.body .row')) missing++
  }
  return { median: times.sort((one, other) => one - other)[15], missing }
})()`

test('names, programs and reasons that are markup are shown as text', async context => {
  const { page, complaints } = await openPage(context)
  const server = await pretending(context, 3, 5)
  const evil = '<img src=x onerror=alert(1)><script>alert(2)</script>"\'`{{7*7}}'
  const { all } = server.reports
  const [stream, ...streams] = all.streams
  const [refusal] = all.refusals
  if (stream === undefined || refusal === undefined) throw new Error('nothing is made up')
  const id = `live/${evil}`
  const codecs = [{ kind: 'video', codec: evil, isEnhanced: true } as const]
  Object.assign(all, {
    streams: [
      {
        ...stream,
        id,
        app: 'live',
        name: evil,
        codecs,
        relays: stream.relays.map(relay => ({ ...relay, url: evil, lastError: evil, stream: id })),
      },
      ...streams,
    ],
    players: all.players.map(player => ({ ...player, stream: id, name: evil })),
    connections: all.connections.map(connection => ({ ...connection, client: evil, tcUrl: `javascript:${evil}` })),
    refusals: [{ ...refusal, id: 5_000, name: evil, client: evil, reason: evil, plugin: evil, app: evil, code: evil }],
  })
  server.reports.tell({ id: 9_999, at: new Date().toISOString(), type: 'publish.start', stream: id, text: evil })
  await signIn(page, server.url, server.token)
  await page.getByRole('link', { name: id }).click()
  const panel = page.getByRole('complementary')
  await panel.getByRole('heading', { name: id }).waitFor()
  await panel.getByRole('definition').filter({ hasText: evil }).first().waitFor()
  expect(await page.evaluate('location.hash')).toBe(`#/streams/${encodeURIComponent(id)}`)
  await panel.getByRole('button', { name: 'End stream' }).click()
  await page.getByRole('dialog').getByText(evil).waitFor()
  await page.keyboard.press('Escape')
  for (const name of pages) {
    await open(page, name)
    if (name !== 'Server') await page.getByText(evil).first().waitFor()
  }
  expect(
    await page.evaluate('document.querySelectorAll("img, body script, [onerror], a[href^=javascript]").length'),
  ).toBe(0)
  expect(complaints).toEqual([])
})

test('axe-core finds nothing in all pages, with an opened stream and a question', patient, async context => {
  const { page, complaints } = await openPage(context, { colorScheme: 'light' })
  const server = await pretending(context, 40, 2_000)
  const expectNone = async (what: string): Promise<void> => {
    await page.emulateMedia({ colorScheme: 'light' })
    expect(await accessibilityFaults(page), what).toEqual([])
    // What dark colours can change.
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await accessibilityFaults(page, 'color-contrast', 'link-in-text-block'), `${what}, dark`).toEqual([])
  }
  await page.goto(server.url)
  await page.getByLabel('Admin token').waitFor()
  await expectNone('signing in')
  await signIn(page, server.url, server.token)
  for (const name of pages) {
    await open(page, name)
    await page.getByRole('row').nth(2).waitFor()
    await expectNone(name)
  }
  await open(page, 'Streams')
  await page.getByRole('link', { name: 'live/main-stage', exact: true }).click()
  await page.getByRole('complementary').getByText('slow').first().waitFor()
  await page.getByRole('button', { name: 'Add relay' }).click()
  await expectNone('an opened stream')
  await page.getByRole('button', { name: 'End stream' }).click()
  await expectNone('a question')
  expect(complaints).toEqual([])
})

test.concurrent('everything is reached with the keyboard', async context => {
  const { page } = await openPage(context)
  const server = await pretending(context, 40, 300)
  await page.goto(server.url)
  await page.getByLabel('Admin token').waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.type(server.token)
  await page.keyboard.press('Enter')
  await page.getByRole('row').nth(2).waitFor()
  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement.className')).toBe('skip')
  await page.keyboard.press('Enter')
  expect(await page.evaluate('document.activeElement.id')).toBe('main')
  await page.getByRole('searchbox').focus()
  await page.keyboard.type('main-stage')
  // The table, which the arrows scroll; the heads, which sort; then the rows.
  for (let at = 0; at < 20 && (await page.evaluate('document.activeElement.title')) !== 'live/main-stage'; at++) {
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Enter')
  await page.getByRole('complementary', { name: 'live/main-stage' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('complementary').waitFor({ state: 'detached' })
})

test.concurrent('German and Chinese by the language of the browser, and by choice, which is kept', async context => {
  const { page } = await openPage(context, { locale: 'de-AT' })
  const server = await pretending(context, 3, 5)
  await page.goto(server.url)
  await page.getByLabel('Admin-Token').fill(server.token)
  await page.getByRole('button', { name: 'Anmelden' }).click()
  await page.getByRole('heading', { name: 'Streams' }).waitFor()
  expect(await page.evaluate('document.documentElement.lang')).toBe('de')
  await page.getByLabel('Sprache').selectOption('zh')
  await page.getByRole('heading', { name: '直播流' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: '直播流' }).waitFor()
  expect(await page.evaluate('document.documentElement.lang')).toBe('zh')
})

test.concurrent('light and dark by the system, and by choice, which is kept', async context => {
  const { page } = await openPage(context, { colorScheme: 'dark' })
  const server = await pretending(context, 3, 5)
  await signIn(page, server.url, server.token)
  const ground = async (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor')
  const dark = await ground()
  await page.getByRole('button', { name: /^Colours/ }).click()
  const light = await ground()
  expect(light).not.toBe(dark)
  await page.reload()
  await page.getByRole('navigation').waitFor()
  expect(await ground()).toBe(light)
})

test.concurrent('who may only look finds no buttons that change something', async context => {
  const { page } = await openPage(context)
  const server = await pretending(context, 3, 5)
  server.role = 'view'
  await signIn(page, server.url, server.token)
  await page.getByText('view only').waitFor()
  await page.getByRole('link', { name: 'live/main-stage', exact: true }).click()
  await page.getByRole('complementary').getByText('Clock drift').waitFor()
  await open(page, 'Server')
  expect(await page.getByRole('button', { name: /End|Drain|Stop|Remove|relay|record/ }).count()).toBe(0)
})

test.concurrent('a line that is lost is said, and comes back by itself', async context => {
  const { page } = await openPage(context)
  const server = await pretending(context, 3, 5)
  await signIn(page, server.url, server.token)
  await page.getByText('live', { exact: true }).waitFor()
  await page.context().setOffline(true)
  server.cut()
  await page.getByText('connection lost').waitFor()
  await page.context().setOffline(false)
  await page.getByText('live', { exact: true }).waitFor()
})

test('pictures of all pages, as docs/dashboard.md shows them', patient, async context => {
  await mkdir(artifacts, { recursive: true })
  const { page, complaints } = await openPage(context, { viewport: { width: 1400, height: 820 } })
  const server = await pretending(context, 42, 900)
  const begun = Date.now() - 300_000
  await page.addInitScript(onlyOurReports)
  await signIn(page, server.url, server.token)
  // Five minutes in 150 steps, as fast as the page takes them.
  for (let step = 1; step <= 150; step++) {
    const now = begun + step * 2_000
    const all = pretend(42, 900, now, step)
    const { streams, players, connections } = all
    // Viewers have no past.
    const report = { server: pretendServer(all, now, step), streams, ...(step === 150 && { players, connections }) }
    await page.evaluate(`report(${JSON.stringify(JSON.stringify(report))}, ${step * 2_000})`)
  }
  const picture = async (name: string): Promise<void> => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      // Graphs are drawn again after that.
      await page.evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))')
      await page.screenshot({ path: join(artifacts, `${name}-${colorScheme}.png`), animations: 'disabled' })
    }
  }
  for (const name of pages) {
    await open(page, name)
    await picture(name.split(' ')[0]?.toLowerCase() ?? name)
  }
  await open(page, 'Streams')
  await page.getByRole('columnheader', { name: 'Viewers' }).getByRole('button').click()
  await page.getByRole('link', { name: 'live/main-stage', exact: true }).click()
  await page.getByRole('complementary', { name: 'live/main-stage' }).waitFor()
  await picture('stream')
  expect(complaints).toEqual([])
})

/** Lets the page see what the test reports in place of the server, at the time that the test says. */
const onlyOurReports = `
let at = 0
performance.now = () => at
let source
window.EventSource = class extends EventSource {
  constructor(url) {
    super(url)
    source = this
  }
  addEventListener(type, take) {
    super.addEventListener(type, event => (type !== 'report' || !event.isTrusted) && take(event))
  }
}
window.report = (data, time) => {
  at = time
  source.dispatchEvent(new MessageEvent('report', { data }))
}
`
