import { deny } from 'rtmpipe'
import { expect, test } from 'vitest'
import { accessibilityFaults } from '../support/dashboard/browser.ts'
import { freePort } from '../support/free-port.ts'
import { eventually, isRed, listener, publishRed, serve } from './browser/player-page.ts'
import { openWebPage, servePage } from './browser/web-page.ts'

const elementPage = (src: string, attributes: string): string =>
  `<!doctype html><html lang="en"><title>Player</title><main><h1>Player</h1>
  <rtmpipe-player src="${src}" ${attributes}></rtmpipe-player></main>
  <script src="/listener.js"></script><script type="module" src="/rtmpipe/elements.js"></script>
  <script>globalThis.told = []
  for (const name of ['playing', 'error', 'reconnect', 'end', 'unsupported'])
    addEventListener(name, event => event instanceof CustomEvent && told.push(name))</script>`

test('the element plays, is used by keyboard and mouse, and tells what happens', async context => {
  const { ws, rtmp } = await serve()
  publishRed(`${rtmp}/show`)
  const page = elementPage(`${ws}/show`, 'autoplay muted controls')
  const { page: shown, complaints } = await openWebPage(context, await servePage(page, { '/listener.js': listener }))
  await eventually(() => shown.evaluate('told')).toEqual(['playing'])
  expect(isRed(await shown.evaluate('pixel()'))).toBe(true)
  await shown.getByRole('button', { name: 'Unmute' }).click()
  await eventually(() => shown.evaluate('loudness()')).toBeGreaterThan(0.05)
  await shown.getByRole('slider', { name: 'Volume' }).fill('0')
  await eventually(() => shown.evaluate('loudness()')).toBeLessThan(0.001)
  await shown.locator('rtmpipe-player').focus()
  await shown.keyboard.press('m')
  await shown.getByRole('button', { name: 'Unmute' }).waitFor()
  await shown.keyboard.press('Space')
  await shown.getByRole('button', { name: 'Play', exact: true }).click()
  await shown.getByRole('button', { name: 'Pause' }).waitFor()
  await eventually(() => shown.evaluate('told')).toEqual(['playing', 'playing'])
  await eventually(() => shown.locator('output').textContent()).toMatch(/^\d+ ms$/)
  await shown.getByRole('button', { name: 'Picture in picture' }).click()
  await eventually(() => shown.evaluate('document.pictureInPictureElement?.localName')).toBe('video')
  await shown.getByRole('button', { name: 'Picture in picture' }).click()
  await eventually(() => shown.evaluate('document.pictureInPictureElement')).toBe(null)
  await shown.getByRole('button', { name: 'Full screen' }).click()
  await eventually(() => shown.evaluate('document.fullscreenElement?.localName')).toBe('rtmpipe-player')
  await shown.keyboard.press('Escape')
  await shown.evaluate('document.exitFullscreen().catch(() => {})')
  for (const colorScheme of ['light', 'dark'] as const) {
    await shown.emulateMedia({ colorScheme })
    expect(await accessibilityFaults(shown)).toEqual([])
  }
  expect(complaints).toEqual([])
})

test('the element waits for a publisher, and says so', async context => {
  const { ws, rtmp } = await serve()
  const url = await servePage(elementPage(`${ws}/show`, 'autoplay muted'), { '/listener.js': listener })
  const { page } = await openWebPage(context, url)
  await page.getByText('Waiting for the stream').waitFor()
  publishRed(`${rtmp}/show`)
  await eventually(() => page.evaluate('told')).toEqual(['playing'])
  await eventually(() => page.getByRole('status').textContent()).toBe('')
})

test('the element says that the server refuses, in its words', async context => {
  const { ws } = await serve([{ name: 'members', onPlay: () => deny('NetStream.Play.Failed', 'members only') }])
  const url = await servePage(elementPage(`${ws}/show?key=a-secret`, 'autoplay muted'), { '/listener.js': listener })
  const { page } = await openWebPage(context, url)
  await page.getByText('The server refuses: members only').waitFor()
  expect(await page.evaluate('told')).toEqual(['error'])
})

test('the element survives that the server is started again', async context => {
  const ports = [await freePort(), await freePort()] as const
  const first = await serve([], ports)
  publishRed(`${first.rtmp}/show`)
  const url = await servePage(elementPage(`${first.ws}/show`, 'autoplay muted'), { '/listener.js': listener })
  const { page } = await openWebPage(context, url)
  await eventually(() => page.evaluate('told')).toEqual(['playing'])
  await first.server.close()
  await page.getByText('Connecting again').waitFor()
  const again = await serve([], ports)
  publishRed(`${again.rtmp}/show`)
  await eventually(() => page.evaluate<string[]>('told.at(-1)')).toEqual('playing')
  await eventually(() => page.getByRole('status').textContent()).toBe('')
})

const countsWorkers = `globalThis.workers = 0
globalThis.Worker = class extends Worker {
  constructor(...args) {
    super(...args)
    globalThis.workers += 1
  }
}`

test('an element that stands in the page already begins once, and one that is put elsewhere waits to be asked', async context => {
  const { ws, rtmp } = await serve()
  publishRed(`${rtmp}/show`)
  const page = elementPage(`${ws}/show`, 'autoplay muted controls')
  const { page: shown } = await openWebPage(context, await servePage(page, { '/listener.js': countsWorkers }))
  await eventually(() => shown.evaluate('told')).toEqual(['playing'])
  expect(await shown.evaluate('workers')).toBe(1)
  await shown.evaluate(`{
    const element = document.querySelector('rtmpipe-player')
    element.removeAttribute('autoplay')
    document.body.append(element)
  }`)
  await shown.getByRole('button', { name: 'Play', exact: true }).click()
  await eventually(() => shown.evaluate('told')).toEqual(['playing', 'playing'])
})

test('attributes are properties, too, also those that were set before the element had its class', async context => {
  const { ws, rtmp } = await serve()
  publishRed(`${rtmp}/show`)
  const html = `<!doctype html><title>Player</title><rtmpipe-player></rtmpipe-player>
  <script>
    globalThis.element = document.querySelector('rtmpipe-player')
    Object.assign(element, { src: '${ws}/show', muted: true, volume: 0.5 })
  </script>
  <script type="module" src="/rtmpipe/elements.js"></script>`
  const { page } = await openWebPage(context, await servePage(html))
  await page.evaluate('customElements.whenDefined("rtmpipe-player")')
  const attributes = () => page.evaluate('element.getAttributeNames().sort().join()')
  expect(await attributes()).toBe('muted,src,tabindex,volume')
  expect(await page.evaluate('[element.player.muted, element.player.volume, element.autoplay]')).toEqual([
    true,
    0.5,
    false,
  ])
  await page.evaluate('Object.assign(element, { controls: true, autoplay: true, muted: false, volume: 0.25 })')
  expect(await attributes()).toBe('autoplay,controls,src,tabindex,volume')
  expect(await page.evaluate('[element.player.volume, element.controls, element.autoplay]')).toEqual([0.25, true, true])
  await page.evaluate('element.play()')
  await eventually(() => page.evaluate('element.player.stats.audioCodec')).toBe('AAC')
  await eventually(() => page.evaluate('element.muted')).toBe(false)
  // What somebody has done by the buttons is in no attribute, and is undone all the same.
  await page.evaluate('element.player.mute()')
  expect(await page.evaluate('element.muted')).toBe(true)
  await page.evaluate('element.muted = false')
  await eventually(() => page.evaluate('element.muted')).toBe(false)
})
