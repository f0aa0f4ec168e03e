import { type Address, encodeAddress, readAddress } from './address.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { ChunkType } from './chunk-type.ts'
import { writeChunk } from './packet.ts'
import { WireError } from './wire-error.ts'

/** Asks who is there (§2.3.2). */
export interface InitiatorHello {
  readonly endpointDiscriminator: Buffer
  readonly tag: Buffer
}

/** The same, passed on by somebody who knows the endpoint that is meant (§2.3.3). */
export interface ForwardedInitiatorHello extends InitiatorHello {
  /** Where the answer goes. */
  readonly reply: Address
}

/** Answers that, without keeping any state (§2.3.4). */
export interface ResponderHello {
  readonly tag: Buffer
  readonly cookie: Buffer
  readonly certificate: Buffer
}

/** Says where to ask instead (§2.3.5). */
export interface Redirect {
  readonly tag: Buffer
  /** None means: where this packet comes from. */
  readonly destinations: readonly Address[]
}

/** The cookie was another address's: this is one for yours (§2.3.6). */
export interface CookieChange {
  readonly before: Buffer
  readonly after: Buffer
}

/** Begins a session (§2.3.7). */
export interface InitiatorInitialKeying {
  /** The id that packets to the initiator shall have. */
  readonly sessionId: number
  readonly cookie: Buffer
  readonly certificate: Buffer
  readonly keyingComponent: Buffer
  readonly signature: Buffer
}

/** Opens it (§2.3.8). */
export interface ResponderInitialKeying {
  /** The id that packets to the responder shall have. */
  readonly sessionId: number
  readonly keyingComponent: Buffer
  readonly signature: Buffer
}

/** A part of a start-up packet that was too long for a datagram (§2.3.1). */
export interface PacketFragment {
  readonly more: boolean
  readonly packetId: number
  readonly number: number
  readonly part: Buffer
}

/** More destinations than anybody has candidates for. */
const MAX_DESTINATIONS = 64
const MORE = 0x80

export function readInitiatorHello(reader: ByteReader): InitiatorHello {
  return { endpointDiscriminator: reader.field(), tag: reader.rest() }
}

export function writeInitiatorHello(writer: ByteWriter, hello: InitiatorHello): void {
  writeChunk(writer, ChunkType.InitiatorHello, chunk => chunk.field(hello.endpointDiscriminator).put(hello.tag))
}

export function readForwardedHello(reader: ByteReader): ForwardedInitiatorHello {
  return { endpointDiscriminator: reader.field(), reply: readAddress(reader), tag: reader.rest() }
}

export function writeForwardedHello(writer: ByteWriter, hello: ForwardedInitiatorHello): void {
  const { endpointDiscriminator, reply, tag } = hello
  writeChunk(writer, ChunkType.ForwardedInitiatorHello, chunk =>
    chunk.field(endpointDiscriminator).put(encodeAddress(reply)).put(tag),
  )
}

export function readResponderHello(reader: ByteReader): ResponderHello {
  return { tag: reader.field(), cookie: reader.field(), certificate: reader.rest() }
}

export function writeResponderHello(writer: ByteWriter, { tag, cookie, certificate }: ResponderHello): void {
  writeChunk(writer, ChunkType.ResponderHello, chunk => chunk.field(tag).field(cookie).put(certificate))
}

export function readRedirect(reader: ByteReader): Redirect {
  const tag = reader.field()
  const destinations: Address[] = []
  while (reader.left > 0 && destinations.length < MAX_DESTINATIONS) destinations.push(readAddress(reader))
  return { tag, destinations }
}

export function writeRedirect(writer: ByteWriter, { tag, destinations }: Redirect): void {
  writeChunk(writer, ChunkType.Redirect, chunk => {
    chunk.field(tag)
    for (const address of destinations) chunk.put(encodeAddress(address))
  })
}

export function readCookieChange(reader: ByteReader): CookieChange {
  return { before: reader.field(), after: reader.rest() }
}

export function writeCookieChange(writer: ByteWriter, { before, after }: CookieChange): void {
  writeChunk(writer, ChunkType.CookieChange, chunk => chunk.field(before).put(after))
}

export function readInitiatorKeying(reader: ByteReader): InitiatorInitialKeying {
  return {
    sessionId: reader.u32(),
    cookie: reader.field(),
    certificate: reader.field(),
    keyingComponent: reader.field(),
    signature: reader.rest(),
  }
}

export function writeInitiatorKeying(writer: ByteWriter, keying: InitiatorInitialKeying): void {
  const { sessionId, cookie, certificate, keyingComponent, signature } = keying
  writeChunk(writer, ChunkType.InitiatorInitialKeying, chunk =>
    chunk.u32(sessionId).field(cookie).field(certificate).field(keyingComponent).put(signature),
  )
}

export function readResponderKeying(reader: ByteReader): ResponderInitialKeying {
  return { sessionId: reader.u32(), keyingComponent: reader.field(), signature: reader.rest() }
}

export function writeResponderKeying(writer: ByteWriter, keying: ResponderInitialKeying): void {
  const { sessionId, keyingComponent, signature } = keying
  writeChunk(writer, ChunkType.ResponderInitialKeying, chunk =>
    chunk.u32(sessionId).field(keyingComponent).put(signature),
  )
}

export function readPacketFragment(reader: ByteReader): PacketFragment {
  const more = (reader.u8() & MORE) !== 0
  const fragment = { more, packetId: reader.vlu(), number: reader.vlu(), part: reader.rest() }
  if (fragment.part.length === 0) throw new WireError('a fragment of nothing')
  return fragment
}

export function writePacketFragment(writer: ByteWriter, { more, packetId, number, part }: PacketFragment): void {
  writeChunk(writer, ChunkType.PacketFragment, chunk =>
    chunk
      .u8(more ? MORE : 0)
      .vlu(packetId)
      .vlu(number)
      .put(part),
  )
}
