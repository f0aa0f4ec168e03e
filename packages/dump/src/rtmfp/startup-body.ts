import {
  type Address,
  AddressOrigin,
  type ByteReader,
  ChunkType,
  type Negotiation,
  parseCertificate,
  parseDiscriminator,
  parseKeying,
  readCookieChange,
  readForwardedHello,
  readInitiatorHello,
  readInitiatorKeying,
  readPacketFragment,
  readRedirect,
  readResponderHello,
  readResponderKeying,
} from '@rtmpipe/transport-rtmfp/wire'
import type { Body } from '../body/body.ts'
import type { Names } from '../names.ts'
import { endpoint } from '../pcap/ip-packet.ts'
import type { PlainValue } from '../plain-value.ts'

const origins = new Map<number, string>(Object.entries(AddressOrigin).map(([name, id]) => [id, name.toLowerCase()]))

/** What a chunk of start-up says (RFC 7016 §2.3.1 to §2.3.8); undefined for any other. @throws WireError */
export function startupBody(typeId: number, chunk: ByteReader, names: Names): Body | undefined {
  switch (typeId) {
    case ChunkType.InitiatorHello: {
      const { endpointDiscriminator, tag } = readInitiatorHello(chunk)
      return { discriminator: discriminator(endpointDiscriminator, names), tag: hex(tag) }
    }
    case ChunkType.ForwardedInitiatorHello: {
      const { endpointDiscriminator, reply, tag } = readForwardedHello(chunk)
      return { discriminator: discriminator(endpointDiscriminator, names), reply: address(reply), tag: hex(tag) }
    }
    case ChunkType.ResponderHello: {
      const hello = readResponderHello(chunk)
      return {
        tag: hex(hello.tag),
        cookieLength: hello.cookie.length,
        certificate: certificate(hello.certificate, names),
      }
    }
    case ChunkType.Redirect: {
      const { tag, destinations } = readRedirect(chunk)
      return { tag: hex(tag), destinations: destinations.map(address) }
    }
    case ChunkType.CookieChange: {
      const { before, after } = readCookieChange(chunk)
      return { oldCookieLength: before.length, cookieLength: after.length }
    }
    case ChunkType.InitiatorInitialKeying: {
      const keying = readInitiatorKeying(chunk)
      return {
        sessionId: sessionIdText(keying.sessionId),
        cookieLength: keying.cookie.length,
        certificate: certificate(keying.certificate, names),
        keying: component(keying.keyingComponent),
        signatureLength: keying.signature.length,
      }
    }
    case ChunkType.ResponderInitialKeying: {
      const keying = readResponderKeying(chunk)
      return {
        sessionId: sessionIdText(keying.sessionId),
        keying: component(keying.keyingComponent),
        signatureLength: keying.signature.length,
      }
    }
    case ChunkType.PacketFragment: {
      const { more, packetId, number, part } = readPacketFragment(chunk)
      return { packetId, fragment: number, dataLength: part.length, more }
    }
    default:
      return undefined
  }
}

/** The four bytes of a session id: they are no number for anybody but its owner. */
export function sessionIdText(id: number): string {
  return id.toString(16).padStart(8, '0')
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex')
}

function discriminator(bytes: Buffer, names: Names): PlainValue {
  const { hostname, ancillaryData, fingerprint } = parseDiscriminator(bytes)
  return {
    ...(hostname && { hostname: names.text(hostname.toString()) }),
    ...(ancillaryData && { url: names.text(ancillaryData.toString()) }),
    ...(fingerprint && { fingerprint: hex(fingerprint) }),
  }
}

function certificate(bytes: Buffer, names: Names): PlainValue {
  const { fingerprint, hostname, acceptsAncillaryData, ephemeralGroups, staticKeys } = parseCertificate(bytes)
  return {
    fingerprint: hex(fingerprint),
    keys: staticKeys.size > 0 ? 'static' : 'ephemeral',
    groups: staticKeys.size > 0 ? [...staticKeys.keys()] : ephemeralGroups,
    acceptsAncillaryData,
    ...(hostname && { hostname: names.text(hostname.toString()) }),
  }
}

function component(bytes: Buffer): PlainValue {
  const { ephemeral, selectedGroup, hmac, hmacLength, sequence } = parseKeying(bytes)
  return {
    ...(selectedGroup !== undefined && { selectedGroup }),
    ...(ephemeral && { ephemeralGroup: ephemeral.group }),
    hmac: negotiation(hmac),
    hmacLength,
    sequence: negotiation(sequence),
  }
}

function negotiation(flags: Negotiation): PlainValue {
  return Object.entries(flags).flatMap(([name, isSet]) => (isSet === true ? [name] : []))
}

function address({ address: host, port, origin }: Address): PlainValue {
  return { address: endpoint(host, port), origin: origins.get(origin) ?? '' }
}
