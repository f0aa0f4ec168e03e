import { samples, send, take } from '@rtmpipe/testing'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import type { MessageConnection } from '../../src/contract/message-connection.ts'
import { Hosts, request } from '../support/hosts.ts'

/** A player that is asked to go from `a` to `b`, and still dials when the publisher has left `a`. */
async function playerLeftBehind(hosts: Hosts) {
  const viewer = new RtmpClient(hosts.dial('rtmp://a/live'))
  let [arrive, fail] = [(_there: MessageConnection) => {}, (_error: Error) => {}]
  const dialling = new Promise<MessageConnection>((resolve, reject) => ([arrive, fail] = [resolve, reject]))
  await viewer.connect({ app: 'live', tcUrl: 'rtmp://a/live', reconnect: () => dialling })
  const publisher = await hosts.a.publish('live/name')
  const player = await viewer.play('name')
  await send(publisher, [samples.audio(5)])
  expect(await take(player, 1)).toMatchObject([{ timestamp: 5 }])
  const unpublished = new Promise<void>(resolve => {
    player.on('status', ({ code }) => code === 'NetStream.Play.UnpublishNotify' && resolve())
  })
  expect(request(hosts.a, { tcUrl: 'rtmp://b/live' })).toContain(true)
  publisher.end()
  await unpublished
  return { viewer, player, arrive, fail }
}

describe('a player whose publisher leaves before it does, when both are asked to connect again', () => {
  it('goes on where it is sent', async () => {
    await using hosts = new Hosts()
    const { viewer, player, arrive } = await playerLeftBehind(hosts)
    const moved = once(viewer, 'reconnect')
    arrive(hosts.dial('rtmp://b/live'))
    await moved
    await send(await hosts.b.publish('live/name'), [samples.audio(7)])
    expect(await take(player, 1)).toMatchObject([{ timestamp: 7, discontinuity: true }])
    await viewer.close()
  })

  it('ends when it can not go', async () => {
    await using hosts = new Hosts()
    const { viewer, player, fail } = await playerLeftBehind(hosts)
    const ended = once(player.resume(), 'end')
    fail(new Error('nobody there'))
    await ended
    expect(viewer.state).toBe('connected')
    await viewer.close()
  })
})
