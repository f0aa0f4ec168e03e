import { messagePair, TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import { deny } from '../../src/contract/denial.ts'
import { StatusError } from '../../src/contract/errors.ts'
import { RawPeer } from '../support/raw-peer.ts'

const ex = { code: 302, redirect: 'rtmp://other.example/live', redirect2: 'rtmp://other.example/live/name' }
const info = { level: 'error', code: 'NetConnection.Connect.Rejected', description: 'moved', ex }
const told = { statusCode: info.code, description: info.description, info }

function setUp(): { client: RtmpClient; server: RawPeer } {
  const [near, far] = messagePair()
  return { client: new RtmpClient(near), server: new RawPeer(far) }
}

async function connected(): Promise<{ client: RtmpClient; server: RawPeer }> {
  const { client, server } = setUp()
  const connecting = client.connect({ app: 'live', tcUrl: 'rtmp://h/live' })
  server.command(0, '_result', 1, null, { level: 'status', code: 'NetConnection.Connect.Success' })
  await connecting
  return { client, server }
}

describe('a StatusError has the whole information object', () => {
  it.each([
    ['_error', 1],
    // So do some servers.
    ['onStatus', 0],
  ])('of connect, refused by %s', async (command, transactionId) => {
    const { client, server } = setUp()
    const connecting = client.connect({ app: 'live', tcUrl: 'rtmp://h/live' })
    server.command(0, command, transactionId, null, info)
    await expect(connecting).rejects.toMatchObject(told)
  })

  it.each([0, 1])('of play, refused on id %d', async id => {
    const { client, server } = await connected()
    const played = client.play('name')
    server.command(0, '_result', 2, null, 1)
    while ((await server.next())[0] !== 'play');
    server.command(id, 'onStatus', 0, null, info)
    await expect(played).rejects.toMatchObject(told)
  })

  it('of a call', async () => {
    const { client, server } = await connected()
    const called = client.call('method')
    server.command(0, '_error', 2, null, info)
    await expect(called).rejects.toMatchObject(told)
  })

  it('in process', async () => {
    const moved = deny('NetStream.Play.Failed', 'moved', { ex: { code: 302, redirect: 'rtmp://other.example/live' } })
    await using server = new TestServer({ plugins: [{ name: 'guard', onPlay: () => moved }] })
    const who = { transport: 'test', remote: { address: '127.0.0.1', port: 1 } }
    await expect(server.server.play('live', 'name', who)).rejects.toMatchObject({
      info: { code: 'NetStream.Play.Failed', ex: { code: 302, redirect: 'rtmp://other.example/live' } },
    })
  })

  it('which is made of code and description where there was none', () => {
    expect(new StatusError('App.No', 'no').info).toEqual({ level: 'error', code: 'App.No', description: 'no' })
  })
})
