import type { OpenedKeys } from '../../src/endpoint.ts'
import { describe, expect, it } from 'vitest'
import type { OpenSession } from '../../src/contract/session.ts'
import { parseCertificate } from '../../src/crypto/certificate.ts'
import { type Group, makeKeyPair } from '../../src/crypto/diffie-hellman.ts'
import { Initiator, type InitiatorHost, type Opened } from '../../src/startup/initiator.ts'
import { defaultEndpointLimits } from '../../src/limits.ts'
import { Identity } from '../../src/startup/identity.ts'
import { StartupPackets } from '../../src/startup/startup-packets.ts'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import {
  readInitiatorHello,
  readRedirect,
  readResponderHello,
  readResponderKeying,
  writeInitiatorKeying,
  writeInitiatorHello,
} from '../../src/wire/startup-chunks.ts'
import { Network, prove } from '../support/network.ts'
import { StartupPeer, startupPacketOf } from '../support/startup-peer.ts'
import { bytes, vectors } from '../vectors/vectors.ts'

const server = { address: '127.0.0.1', port: 19_381 }
const client = { address: '127.0.0.1', port: 40_000 }

describe('an initiator that has the keys of a recorded session, with a static certificate', () => {
  const recorded = vectors.live.cases.filter(({ initiatorCertificate }) =>
    String(initiatorCertificate).startsWith('81021d02'),
  )

  it.each(recorded)('says the same, and has the same keys: $description', one => {
    const packets = one.startup.map(({ datagram }) => startupPacketOf(bytes(datagram)))
    const hello = readInitiatorHello(new ByteReader(packets[0]?.payload as Buffer))
    const url = hello.endpointDiscriminator.subarray(2).toString()
    const skic = bytes(String(one['skic']))
    const sent: Buffer[] = []
    let opened: Opened | undefined
    const identity = Identity.static([makeKeyPair(2, bytes(String(one['initiatorPrivateKey'])))])
    const host: InitiatorHost = {
      requiresHmac: false,
      identity: () => identity,
      oldIdentity: () => identity,
      packets: new StartupPackets(datagram => sent.push(datagram)),
      randomBytes: length => (length === 16 ? Buffer.from(hello.tag) : Buffer.from(skic.subarray(5, 69))),
      register: () => Number.parseInt(String(one['initiatorSessionId']), 16),
      release() {},
      joins: () => false,
      opened: (_, all) => {
        opened = all
      },
      failed: (_, error) => {
        throw error
      },
      aborted() {},
    }
    const initiator = new Initiator({ url, candidates: [server] }, host, defaultEndpointLimits, 0)
    const isOld = skic.toString('hex').endsWith('031a020a021e02')
    initiator.tick(0)
    if (isOld) {
      // One that has waited in vain for an answer to its own way of asking.
      const answer = readResponderHello(new ByteReader(packets[1]?.payload as Buffer))
      initiator.takeHello(answer, server, 0)
      for (const now of [1_000, 3_500]) initiator.tick(now)
      sent.length = 0
      initiator.tick(7_500)
    }
    for (const packet of packets.slice(1)) {
      const chunk = new ByteReader(packet?.payload as Buffer)
      if (packet?.type === ChunkType.Redirect) initiator.takeRedirect(readRedirect(chunk), server, 0)
      if (packet?.type === ChunkType.ResponderHello) initiator.takeHello(readResponderHello(chunk), server, 0)
      if (packet?.type === ChunkType.ResponderInitialKeying && isOld)
        initiator.takeKeying(readResponderKeying(chunk), packet.sessionId, 0)
    }
    const ours = sent.map(datagram => startupPacketOf(datagram))
    const theirs = packets.filter(
      packet => packet?.type === ChunkType.InitiatorHello || packet?.type === ChunkType.InitiatorInitialKeying,
    )
    expect(ours.map(packet => packet?.type)).toEqual(theirs.map(packet => packet?.type))
    for (const [index, packet] of ours.entries()) {
      // The flags of what is negotiated are ours.
      const whole = theirs[index]?.payload as Buffer
      expect(packet?.payload.length).toBe(whole.length)
      if (isOld) expect(packet?.payload).toEqual(whole)
    }
    // The keys of the other one were agreed upon with other flags than ours.
    expect(opened !== undefined).toBe(isOld)
    if (opened === undefined) return
    const enc = String(one.keys['enc'])
    const dec = String(one.keys['dec'])
    expect(opened.keys.sending.aesKey.toString('hex')).toBe(enc.slice(0, 32))
    expect(opened.keys.receiving.aesKey.toString('hex')).toBe(dec.slice(0, 32))
    expect(opened.keys.sending.hmac).toBeUndefined()
    expect(opened.keys.nearNonce.toString('hex')).toBe(one.keys['nearNonce'])
    expect(opened.farSessionId.toString(16).padStart(8, '0')).toBe(one['responderSessionId'])
  })
})

describe('the responder to recorded initiators', () => {
  it.each(vectors.keyAgreement.cases)('opens a session with: $name', one => {
    const network = new Network()
    const opened: OpenedKeys[] = []
    const onKeys = (keys: OpenedKeys) => void opened.push(keys)
    const responder = network.endpoint(server, { groups: [one.group as Group], onKeys })
    const accepted: OpenSession[] = []
    responder.onSession = session => accepted.push(session)
    const peer = new StartupPeer(network, client)
    const [recorded] = vectors.live.cases
    const hello = startupPacketOf(bytes(recorded?.startup[0]?.datagram ?? ''))
    const { endpointDiscriminator, tag } = readInitiatorHello(new ByteReader(hello?.payload as Buffer))
    peer.send(server, writer => writeInitiatorHello(writer, { endpointDiscriminator, tag }))
    const { cookie, certificate } = readResponderHello(new ByteReader(peer.seen[0]?.payload as Buffer))
    expect(parseCertificate(certificate).ephemeralGroups).toEqual([one.group])
    peer.send(server, writer =>
      writeInitiatorKeying(writer, {
        sessionId: 0x02000000,
        cookie,
        certificate: bytes(one.initiatorCertificate),
        keyingComponent: bytes(one.skic),
        signature: Buffer.from('X'),
      }),
    )
    expect(peer.seen[1]).toMatchObject({ type: ChunkType.ResponderInitialKeying, sessionId: 0x02000000 })
    prove(network, opened[0] as OpenedKeys, server)
    expect(accepted[0]?.farId.toString('hex')).toBe(one.initiatorFingerprint)
    const answer = readResponderKeying(new ByteReader(peer.seen[1]?.payload as Buffer))
    // Flash Player and those that imitate it find the key by its place.
    if (one.skic.startsWith('021d02') && one.skic.endsWith('031a020a021e02')) {
      expect(answer.keyingComponent.subarray(0, 11).toString('hex')).toMatch(/^031a0000021e0081020d02|^031a0000021e00/)
      expect(answer.signature).toEqual(Buffer.from('X'))
    }
  })
})
