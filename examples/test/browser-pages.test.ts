import { once } from 'node:events'
import { samples, send, take } from '@rtmpipe/testing'
import { connect } from 'rtmpipe'
import { expect, it } from 'vitest'
import { RunningExample } from './running-example.ts'

/** The page of an example, whose script may run, and what it imports. */
async function expectPage(port: number | undefined): Promise<void> {
  const base = `http://127.0.0.1:${port}`
  const page = await fetch(base)
  expect(page.headers.get('content-type')).toMatch(/^text\/html/)
  expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self' 'sha256-[\w+/]{43}='$/)
  expect(await page.text()).toContain("from '/rtmpipe/web.js'")
  expect((await fetch(`${base}/rtmpipe/web.js`)).status).toBe(200)
}

it('browser-player serves its page, and plays over WebSocket what is published over RTMP', async () => {
  await using example = await RunningExample.start('browser-player', { HTTP_PORT: '0' })
  await expectPage(example.ports[1])
  const encoder = await example.connect('rtmp', 'live')
  const viewer = await connect(`ws://127.0.0.1:${example.ports[1]}/live`)
  const publisher = await encoder.publish('stream')
  const player = await viewer.play('stream')
  await send(publisher, [samples.keyframe(0)])
  expect(await take(player, 1)).toMatchObject([{ timestamp: 0 }])
  await Promise.all([encoder.close(), viewer.close()])
  await example.stop()
})

it('browser-publish serves its page, and takes who has the key', async () => {
  await using example = await RunningExample.start('browser-publish', { HTTP_PORT: '0', KEY: 'right' })
  await expectPage(example.ports[1])
  const client = await connect(`ws://127.0.0.1:${example.ports[1]}/live`)
  await expect(client.publish('camera?key=wrong')).rejects.toThrow()
  const other = await connect(`ws://127.0.0.1:${example.ports[1]}/live`)
  await other.publish('camera?key=right')
  await Promise.all([client.close(), other.close()])
  await example.stop()
})

it('chat serves its page, passes lines on, refuses all else, and counts', async () => {
  await using example = await RunningExample.start('chat')
  await expectPage(example.ports[0])
  const url = `ws://127.0.0.1:${example.ports[0]}/chat`
  const [one, two] = await Promise.all([connect(url), connect(url)])
  const [mine, other] = [await one.sharedObject('room'), await two.sharedObject('room')]
  expect(await one.call('count')).toBe(2)
  const heard = once(other, 'message')
  mine.send('say', 'hello')
  expect(await heard).toEqual(['say', ['hello']])
  const refused = once(mine, 'status')
  mine.send('say', 'x'.repeat(501))
  expect(await refused).toMatchObject([{ code: 'SharedObject.NoWriteAccess' }])
  await Promise.all([one.close(), two.close()])
  await example.stop()
})
