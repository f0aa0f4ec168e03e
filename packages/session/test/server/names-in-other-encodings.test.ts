import { encodeAmf0 } from '@rtmpipe/amf'
import { MessageType } from '@rtmpipe/chunk-stream'
import { samples } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import type { Plugin } from '../../src/contract/plugin.ts'
import type { RawPeer } from '../support/raw-peer.ts'
import { RawServer } from '../support/raw-server.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')

/** A command whose last value is a string of these bytes. */
function send(peer: RawPeer, messageStreamId: number, command: string, name: Buffer): RawPeer {
  const string = Buffer.concat([Buffer.of(2, 0, name.length), name])
  const payload = Buffer.concat([encodeAmf0(command, 0, null), string])
  return peer.send({ messageTypeId: MessageType.CommandAmf0, messageStreamId, timestamp: 0, payload })
}

it.each([
  ['windows-1251', 'ea e0 ec e5 f0 e0 31', 'ea e0 ec e5 f0 e0 32', 'êàìåðà1'],
  ['windows-1251, its bytes below 0xA0', '80 81', '80 82', '€Ɓ'],
  ['CP866, which ends with a no-break space of others', 'aa a0', 'aa', 'ªƠ'],
  ['GBK', 'c9 e3 cf f1 cd b7 d2 bb', 'c9 e3 cf f1 cd b7 b6 fe', 'ÉãÏñÍ·Ò»'],
  ['Shift-JIS, with a backslash in a character', '95 5c', '95 5b', '•Ŝ'],
  ['ISO 8859-1', '4d fc 6c 6c 65 72', '4d f6 6c 6c 65 72', 'Müller'],
])('two names in %s are two streams', async (_encoding, one, other, shown) => {
  await using server = new RawServer()
  const publishers = []
  for (const name of [one, other]) {
    const peer = await server.peer().connect()
    const id = await peer.createStream()
    const replies = await send(peer, id, 'publish', bytes(name)).replies()
    expect(replies).toContainEqual(['onStatus', 1, 0, null, 'status NetStream.Publish.Start'])
    publishers.push(peer)
  }
  expect(server.server.streams.get('live', shown)?.isPublishing).toBe(true)

  const player = await server.peer().connect()
  await send(player, await player.createStream(), 'play', bytes(one)).replies()
  publishers[1]?.media(1, samples.audio(1))
  await publishers[1]?.replies()
  publishers[0]?.media(1, samples.audio(2))
  await publishers[0]?.replies()
  const received = await player.messagesSoFar()
  expect(received.filter(message => message.messageTypeId === MessageType.Audio)).toHaveLength(1)
})

it('of an app, a query and a token nothing is lost', async () => {
  const seen: unknown[] = []
  const spy: Plugin = {
    name: 'spy',
    onPublish: ({ app, streamName, query, rawQuery }) =>
      void seen.push({ app, streamName, key: query.get('key'), rawQuery }),
  }
  await using server = new RawServer({ plugins: [spy] })
  for (const key of ['%EA', '%EB', '\xea', '\xeb']) {
    const peer = await server.peer().connect()
    const id = await peer.createStream()
    await send(peer, id, 'publish', Buffer.from(`\xf2?key=${key}`, 'latin1')).replies()
    peer.messages.destroy()
  }
  expect(seen).toEqual([
    { app: 'live', streamName: 'ò', key: 'ê', rawQuery: 'key=%EA' },
    { app: 'live', streamName: 'ò', key: 'ë', rawQuery: 'key=%EB' },
    { app: 'live', streamName: 'ò', key: 'ê', rawQuery: 'key=ê' },
    { app: 'live', streamName: 'ò', key: 'ë', rawQuery: 'key=ë' },
  ])
})
