import type { Duplex } from 'node:stream'
import { api, dashboard, http } from '@rtmpipe/http'
import { record } from '@rtmpipe/plugins/record'
import { relayPush } from '@rtmpipe/plugins/relay'
import { publishKeys } from '@rtmpipe/plugins/auth'
import { faulty, MemoryTransport, samples, stall } from '@rtmpipe/testing'
import { connect, createServer, type Listener, type Plugin, type Server, tcp } from 'rtmpipe'
import { expect, test, type TestContext } from 'vitest'
import { publishWithFfmpeg } from '../support/clients.ts'
import { accessibilityFaults, openPage, signIn } from '../support/dashboard/browser.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

const token = 'a-token-of-the-administrator'

interface Served {
  readonly server: Server
  readonly memory: MemoryTransport
  /** Of the memory transport. */
  readonly inside: string
  readonly rtmp: string
  readonly admin: string
  readonly take: (token: string) => void
}

/** A real server with a dashboard, which ends with the test. */
async function serve({ onTestFinished }: TestContext, plugins: readonly Plugin[] = []): Promise<Served> {
  const memory = new MemoryTransport()
  const web = http({ port: 0, token, mount: [api(), dashboard()], drain: options => server.drain(options) })
  const server: Server = createServer({ transports: [tcp({ port: 0 }), memory], plugins: [...plugins, web] })
  onTestFinished(() => server.close())
  const [rtmp, inside] = (await server.listen()) as [Listener, Listener]
  return {
    server,
    memory,
    inside: `memory://anywhere:${inside.address.port}/live`,
    rtmp: `rtmp://127.0.0.1:${rtmp.address.port}/live`,
    admin: `http://127.0.0.1:${web.address?.port}/admin`,
    take: other => web.house.access.take({ token: other }),
  }
}

test('a stream of ffmpeg has its row within a second, with its picture and codecs, and is ended by a click', async context => {
  await requireClient(context, 'ffmpeg')
  const { page, complaints } = await openPage(context)
  let started = Number.NaN
  const { admin, rtmp } = await serve(context, [{ name: 'clock', onPublishStart: () => void (started = Date.now()) }])
  await signIn(page, admin, token)
  await page.getByText('Nobody publishes yet').waitFor()
  await page.getByText('rtmp://127.0.0.1/live').waitFor()

  const media = await makeMedia({ ...liveRecipe, seconds: 30 })
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, `${rtmp}/show`)
  const row = page.getByRole('row').filter({ hasText: 'live/show' })
  await row.waitFor()
  // A second where nothing else runs.
  expect(Date.now() - started).toBeLessThan(2_500)
  await row.getByText(/320\s×\s180 · 30/).waitFor()
  await row.getByText('H.264 + AAC').waitFor()
  await row.getByText('500 ms').waitFor()

  await row.click()
  const panel = page.getByRole('complementary', { name: 'live/show' })
  await panel.getByText('127.0.0.1:', { exact: false }).first().waitFor()
  await panel.getByText('show?key=…').waitFor()
  await panel.getByText(rtmp, { exact: true }).waitFor()
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  for (const [label, copied] of [
    ['Copy: Server', rtmp],
    ['Copy: Stream key', 'show?key=…'],
  ] as const) {
    await panel.getByRole('button', { name: label }).click()
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(copied)
  }
  await panel.getByRole('button', { name: 'End stream' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'End stream' }).click()
  await row.waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'Time line' }).click()
  await page.getByRole('img', { name: /^live\/show: / }).waitFor()
  await publisher[Symbol.asyncDispose]()
  expect(complaints).toEqual([])
})

test.concurrent('a player that has stopped is marked as slow with the bytes that wait for it, and is ended by a click', async context => {
  const { page, complaints } = await openPage(context)
  const { admin, memory, inside } = await serve(context)
  let bytes: Duplex | undefined
  const seen = faulty(memory, stream => (bytes = stream))
  await using player = await connect(inside, { transports: [seen] })
  await using publishing = await connect(inside, { transports: [memory] })
  const publisher = await publishing.publish('show')
  const play = await player.play('show')
  play.resume()
  if (bytes === undefined) throw new Error('the transport given was not used')
  await signIn(page, `${admin}#/viewers`, token)
  const row = page.getByRole('table', { name: 'Viewers' }).getByRole('row').filter({ hasText: 'live/show' })
  await row.waitFor()

  const standstill = stall(bytes)
  let frame = 0
  const pictures = setInterval(() => {
    publisher.write(frame % 10 === 0 ? samples.keyframe(frame * 40, 40_000) : samples.interframe(frame * 40, 40_000))
    frame++
  }, 40)
  context.onTestFinished(() => clearInterval(pictures))
  await row.getByText('slow').waitFor()
  await row
    .getByText(/^[\d.]+\s[KM]iB$/)
    .first()
    .waitFor()
  await page.getByText('1 slow').waitFor()

  await row.getByRole('button', { name: /End viewer/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'End viewer' }).click()
  await row.waitFor({ state: 'detached' })
  standstill.resume()
  expect(complaints).toEqual([])
})

test.concurrent('a publisher is disconnected, a recording and a relay are started, changed and ended by clicks', async context => {
  const { page, complaints } = await openPage(context)
  await using folder = await TemporaryFolder.create()
  const there = await serve(context)
  const { admin, memory, inside } = await serve(context, [
    record({ dir: folder.path, when: 'asked' }),
    relayPush({ connect }),
  ])
  const publishing = await connect(inside, { transports: [memory] })
  context.onTestFinished(() => publishing.close())
  const publisher = await publishing.publish('show')
  for (let at = 0; at < 20; at++)
    publisher.write(at % 10 === 0 ? samples.keyframe(at * 40) : samples.interframe(at * 40))
  await signIn(page, `${admin}#/streams/live%2Fshow`, token)
  const panel = page.getByRole('complementary', { name: 'live/show' })

  await panel.getByRole('button', { name: 'Start recording' }).click()
  await panel.getByRole('heading', { name: 'Recording' }).waitFor()
  await panel.getByRole('button', { name: 'Stop' }).click()
  await panel.getByRole('heading', { name: 'Recording' }).waitFor({ state: 'detached' })

  await panel.getByRole('button', { name: 'Add relay' }).click()
  await panel.getByLabel('Push to').fill(`${there.rtmp}/copy?key=a-secret`)
  await panel.getByRole('button', { name: 'Save' }).click()
  const relay = panel.locator('.card').filter({ hasText: there.rtmp })
  await relay.getByText('running').waitFor()
  expect(await page.content()).not.toContain('a-secret')
  expect([...there.server.streams].map(({ name }) => name)).toEqual(['copy'])
  await relay.getByRole('button', { name: 'Change' }).click()
  await relay.getByLabel('Push to').fill(`${there.rtmp}/other`)
  await relay.getByRole('button', { name: 'Save' }).click()
  await context.expect.poll(() => [...there.server.streams].map(({ name }) => name)).toEqual(['other'])
  await relay.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await relay.waitFor({ state: 'detached' })

  const gone = new Promise(resolve => publisher.once('close', resolve).on('error', () => {}))
  await panel.getByRole('button', { name: 'Disconnect publisher' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click()
  await gone
  expect(complaints).toEqual([])
})

test.concurrent('who was refused is shown with the reason, and no key', async context => {
  const { page } = await openPage(context)
  const { admin, memory, inside } = await serve(context, [publishKeys({ keys: ['right'] })])
  await signIn(page, `${admin}#/refusals`, token)
  await page.getByText('Nobody has been refused.').waitFor()
  await using publishing = await connect(inside, { transports: [memory] })
  await expect(publishing.publish('show?key=wrong-key')).rejects.toThrow()
  const row = page.getByRole('table', { name: 'Refusals' }).getByRole('row').filter({ hasText: 'NetStream.Publish' })
  await row.waitFor()
  expect(await row.textContent()).toContain('live/show')
  expect(await page.content()).not.toContain('wrong-key')
})

test.concurrent('a wrong token, too many of them, and a session that has ended', async context => {
  const { page, complaints } = await openPage(context)
  const { admin, take } = await serve(context)
  await signIn(page, admin, token)
  take('another-token-of-the-administrator')
  await page.reload()
  await page.getByLabel('Admin token').waitFor()

  await page.getByLabel('Admin token').fill('another-token-of-the-administrator')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Server' }).click()
  take('a-third-token-of-the-administrator')
  await page.getByRole('button', { name: 'Drain' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Drain' }).click()
  await page.getByText('Your session has ended.').waitFor()

  for (let at = 0; at < 10; at++) {
    await page.getByLabel('Admin token').fill(`wrong ${at}`)
    const answer = page.waitForResponse(/login/)
    await page.keyboard.press('Enter')
    expect((await answer).status()).toBe(401)
    await page.getByText('This token is wrong.').waitFor()
  }
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByLabel('Admin token').fill('a-third-token-of-the-administrator')
  await page.keyboard.press('Enter')
  await page.getByText('Too many wrong tokens.').waitFor()
  expect(complaints).toEqual([])
})

test.concurrent('draining is asked for and shown', async context => {
  const { page } = await openPage(context)
  const { admin, memory, inside } = await serve(context)
  await using _watching = await connect(inside, { transports: [memory] })
  await signIn(page, `${admin}#/server`, token)
  await page.getByRole('button', { name: 'Drain' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Drain' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Drain' }).click()
  await page.getByText('The server is draining').waitFor()
})
