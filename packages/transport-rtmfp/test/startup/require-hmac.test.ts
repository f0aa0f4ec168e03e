import { describe, expect, it } from 'vitest'
import type { OpenSession } from '../../src/contract/session.ts'
import { staticCertificate } from '../../src/crypto/certificate.ts'
import { makeKeyPair } from '../../src/crypto/diffie-hellman.ts'
import { discriminatorOfUrl } from '../../src/crypto/endpoint-discriminator.ts'
import { type Negotiation, parseKeying, staticInitiatorKeying } from '../../src/crypto/keying.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { encodeOption } from '../../src/wire/options.ts'
import {
  readInitiatorKeying,
  readResponderHello,
  writeInitiatorHello,
  writeInitiatorKeying,
  writeResponderHello,
  writeResponderKeying,
} from '../../src/wire/startup-chunks.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { exchange, Network, open } from '../support/network.ts'
import { StartupPeer } from '../support/startup-peer.ts'

const server = { address: '192.0.2.1', port: 1_935 }
const client = { address: '198.51.100.7', port: 40_000 }
const none: Negotiation = { sends: false, sendsOnRequest: false, requests: false }
const can: Negotiation = { sends: false, sendsOnRequest: true, requests: false }
const pair = makeKeyPair(14)

describe('a server that requires HMAC', () => {
  it.each([
    ['knows neither', none, none, false],
    ['knows no numbers', can, none, false],
    ['knows no HMAC', none, can, false],
    ['can do both when it is asked', can, can, true],
  ])('answers one that %s: %4$s', (_, hmac, sequence, isAnswered) => {
    const network = new Network()
    const endpoint = network.endpoint(server, { requireHmac: true })
    endpoint.onSession = () => {}
    const peer = new StartupPeer(network, client)
    const hello = { endpointDiscriminator: discriminatorOfUrl('rtmfp://server.example/live'), tag: Buffer.alloc(16) }
    peer.send(server, writer => writeInitiatorHello(writer, hello))
    const { cookie } = readResponderHello(new ByteReader(peer.seen[0]?.payload as Buffer))
    peer.send(server, writer =>
      writeInitiatorKeying(writer, {
        sessionId: 5,
        cookie,
        certificate: staticCertificate([pair]).bytes,
        keyingComponent: staticInitiatorKeying(14, { hmac, hmacLength: 10, sequence }),
        signature: Buffer.from('X'),
      }),
    )
    expect(peer.seen.slice(1).map(({ type }) => type)).toEqual(isAnswered ? [ChunkType.ResponderInitialKeying] : [])
    expect(endpoint.size).toBe(isAnswered ? 1 : 0)
  })
})

it.each([
  [true, false],
  [false, true],
  [true, true],
])('two of ours open a session: the server requires it %s, the client %s', (atServer, atClient) => {
  const network = new Network()
  const accepted: OpenSession[] = []
  network.endpoint(server, { requireHmac: atServer }).onSession = session => accepted.push(session)
  const outcome = open(network, network.endpoint(client, { certificate: 'static', requireHmac: atClient }), [server])
  network.wait(1_000)
  expect(exchange(network, outcome.session as OpenSession, accepted[0] as OpenSession)).toHaveLength(2)
})

it('a client that requires it fails where the server knows neither, and says why', () => {
  const network = new Network()
  const outcome = open(network, network.endpoint(client, { certificate: 'static', requireHmac: true }), [server])
  const peer = new StartupPeer(network, server)
  network.wait(20)
  const [hello] = peer.seen
  const tag = hello?.payload.subarray(-16) as Buffer
  const far = makeKeyPair(14)
  const certificate = Buffer.concat([encodeOption(0x0a), encodeOption(0x15, Buffer.of(14))])
  peer.send(client, writer => writeResponderHello(writer, { tag, cookie: Buffer.alloc(64), certificate }))
  const keying = readInitiatorKeying(new ByteReader(peer.seen.at(-1)?.payload as Buffer))
  expect(parseKeying(keying.keyingComponent)).toMatchObject({ hmac: { sends: true, requests: true } })
  const key = encodeOption(0x0d, Buffer.concat([Buffer.of(14), far.publicKey]))
  const flags = Buffer.concat([encodeOption(0x1a, Buffer.of(0, 0)), encodeOption(0x1e, Buffer.of(0))])
  peer.send(
    client,
    writer =>
      writeResponderKeying(writer, {
        sessionId: 6,
        keyingComponent: Buffer.concat([flags, key]),
        signature: Buffer.from('X'),
      }),
    keying.sessionId,
  )
  expect(outcome.error).toMatchObject({
    code: 'RTMP_ERR_RTMFP_UNPROTECTED',
    message: expect.stringContaining('requireHmac'),
  })
})
