import { TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'

describe('a client of a transport that has no peers', () => {
  it('has no ids, and neither has its connection at the server', async () => {
    await using server = new TestServer()
    const client = await server.connect('live')
    expect([client.peerId, client.nearId]).toEqual([undefined, undefined])
    const [connection] = server.server.connections
    expect([connection?.peerId, connection?.nearId]).toEqual([undefined, undefined])
  })

  it('is told that it needs RTMFP for them', async () => {
    await using server = new TestServer()
    const client = await server.connect('live')
    const needed = { code: 'RTMP_ERR_PEERS', message: expect.stringContaining('rtmfp://') }
    await expect(client.play('name', { peer: '0'.repeat(64) })).rejects.toMatchObject(needed)
    await expect(client.publish('name', { to: 'peers' })).rejects.toMatchObject(needed)
  })
})
