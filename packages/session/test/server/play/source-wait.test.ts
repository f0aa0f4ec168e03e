import { samples, VirtualClock } from '@rtmpipe/testing'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Plugin } from '../../../src/contract/plugin.ts'
import { RawServer } from '../../support/raw-server.ts'

const notFound = ['onStatus', 1, 0, null, 'error NetStream.Play.StreamNotFound']

/** A server whose streams come from a source. */
function setUp() {
  const messages = new PassThrough({ objectMode: true })
  const plugin: Plugin = { name: 'source', sourcePlay: () => ({ kind: 'shared', open: () => messages }) }
  return { messages, server: new RawServer({ plugins: [plugin], publishWait: 5_000 }) }
}

describe('a player of a source', () => {
  it('that gives nothing in time is told that there is no such stream', async () => {
    using clock = new VirtualClock()
    const { server } = setUp()
    await using _ = server
    const peer = server.peer()
    await peer.play('name')
    await peer.replies()
    await clock.advance(4_999)
    expect(await peer.replies()).toEqual([])
    await clock.advance(1)
    expect(await peer.replies()).toEqual([notFound])
  })

  it('that has given something stays, also when it ends', async () => {
    using clock = new VirtualClock()
    const { server, messages } = setUp()
    await using _ = server
    const peer = server.peer()
    await peer.play('name')
    messages.write(samples.keyframe(0))
    await expect.poll(async () => (await peer.replies()).map(([name]) => name)).toContain('video')
    messages.end()
    await expect.poll(async () => (await peer.replies()).map(([name]) => name)).toContain('StreamEof')
    await clock.advance(10_000)
    expect(await peer.replies()).toEqual([])
  })
})
