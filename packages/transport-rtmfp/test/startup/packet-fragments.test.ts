import { describe, expect, it } from 'vitest'
import { discriminatorOfUrl } from '../../src/crypto/endpoint-discriminator.ts'
import { PacketFragments } from '../../src/startup/packet-fragments.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { written } from '../../src/wire/byte-writer.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { Mode, writeHeader } from '../../src/wire/packet.ts'
import { readResponderHello, writeInitiatorHello, writePacketFragment } from '../../src/wire/startup-chunks.ts'
import { Network } from '../support/network.ts'
import { StartupPeer } from '../support/startup-peer.ts'

const server = { address: '192.0.2.1', port: 1_935 }
const client = { address: '198.51.100.7', port: 40_000 }
const other = { address: '198.51.100.8', port: 40_000 }

const fragment = (packetId: number, number: number, more: boolean, text: string) => ({
  packetId,
  number,
  more,
  part: Buffer.from(text),
})

describe('a packet in fragments', () => {
  it.each([
    ['in order', [0, 1, 2]],
    ['the other way round', [2, 1, 0]],
    ['some of them twice', [0, 0, 2, 2, 1]],
  ])('%s', (_, order) => {
    const fragments = new PacketFragments(16)
    const parts = ['one ', 'two ', 'three']
    const whole = order.map(number =>
      fragments.add(fragment(1, number, number < 2, parts[number] as string), 10, client, 0),
    )
    expect(whole.at(-1)).toEqual({ packet: Buffer.from('one two three'), size: 10 * order.length })
    expect(whole.slice(0, -1).every(each => each === undefined)).toBe(true)
  })

  it('is of one address, and has one id', () => {
    const fragments = new PacketFragments(16)
    fragments.add(fragment(1, 0, true, 'a'), 1, client, 0)
    expect(fragments.add(fragment(1, 1, false, 'b'), 1, other, 0)).toBeUndefined()
    expect(fragments.add(fragment(2, 1, false, 'b'), 1, client, 0)).toBeUndefined()
    expect(fragments.add(fragment(1, 1, false, 'b'), 1, client, 0)?.packet.toString()).toBe('ab')
  })

  it('is given up after a second in which nothing new has come, and after a minute', () => {
    const fragments = new PacketFragments(16)
    fragments.add(fragment(1, 0, true, 'a'), 1, client, 0)
    fragments.add(fragment(1, 0, true, 'a'), 1, client, 900)
    expect(fragments.add(fragment(1, 1, false, 'b'), 1, client, 1_000)).toBeUndefined()
    for (let number = 0; number < 61; number += 1) fragments.add(fragment(2, number, true, 'a'), 1, other, 990 * number)
    expect(fragments.add(fragment(2, 61, false, 'b'), 1, other, 60_100)).toBeUndefined()
  })

  it('has a limit of fragments and of bytes', () => {
    const fragments = new PacketFragments(16)
    expect(fragments.add(fragment(1, 64, false, 'a'), 1, client, 0)).toBeUndefined()
    const long = 'a'.repeat(8_000)
    for (let number = 0; number < 8; number += 1) fragments.add(fragment(2, number, true, long), 1, client, 0)
    fragments.add(fragment(2, 8, true, long), 1, client, 0)
    // What was too long is forgotten, and begins anew.
    expect(fragments.add(fragment(2, 9, false, 'end'), 1, client, 0)).toBeUndefined()
  })

  it('has two ends: it is none', () => {
    const fragments = new PacketFragments(16)
    fragments.add(fragment(1, 2, false, 'c'), 1, client, 0)
    fragments.add(fragment(1, 1, false, 'b'), 1, client, 0)
    expect(fragments.add(fragment(1, 0, true, 'a'), 1, client, 0)).toBeUndefined()
  })

  it('finds no place among too many, until they are given up', () => {
    const fragments = new PacketFragments(2)
    for (let id = 1; id <= 3; id += 1) fragments.add(fragment(id, 0, true, 'a'), 1, client, 0)
    expect(fragments.add(fragment(3, 1, false, 'b'), 1, client, 1)).toBeUndefined()
    expect(fragments.add(fragment(2, 1, false, 'b'), 1, client, 1)?.packet.toString()).toBe('ab')
    fragments.add(fragment(4, 0, true, 'a'), 1, client, 1_100)
    expect(fragments.add(fragment(4, 1, false, 'b'), 1, client, 1_100)?.packet.toString()).toBe('ab')
  })
})

it('an endpoint answers a question in fragments as if it had come in one packet', () => {
  const network = new Network()
  network.endpoint(server)
  const peer = new StartupPeer(network, client)
  const tag = Buffer.alloc(16, 9)
  const packet = written(300, writer => {
    writeHeader(writer, { mode: Mode.Startup })
    writeInitiatorHello(writer, { endpointDiscriminator: discriminatorOfUrl('rtmfp://server.example/live'), tag })
  })
  const parts = [packet.subarray(0, 7), packet.subarray(7, 20), packet.subarray(20)]
  for (const [number, part] of parts.entries())
    peer.send(server, writer => writePacketFragment(writer, { packetId: 5, number, more: number < 2, part }))
  expect(peer.seen.map(({ type }) => type)).toEqual([ChunkType.ResponderHello])
  expect(readResponderHello(new ByteReader(peer.seen[0]?.payload as Buffer)).tag).toEqual(tag)
})
