import {
  ByteReader,
  ChunkType,
  defaultProtection,
  Mode,
  type PacketHeader,
  PacketOpener,
  type PacketProtection,
  readHeader,
  WireError,
} from '@rtmpipe/transport-rtmfp/wire'

/** A packet that a key has opened. */
export interface OpenedPacket {
  readonly header: PacketHeader
  /** Its chunks and padding. */
  readonly chunks: ByteReader
  /** Its session sequence number, where the direction has such. */
  readonly number: number | undefined
}

/** Undefined for what a key does not open. Copies are opened as well. */
export function openPacket(datagram: Buffer, protection: PacketProtection): OpenedPacket | undefined {
  // A new one for each packet: it opens nothing a second time.
  const chunks = new PacketOpener(protection).open(datagram)
  if (chunks === undefined) return undefined
  try {
    const number = protection.isNumbered ? new ByteReader(chunks.bytes).vlu() : undefined
    return { header: readHeader(chunks), chunks, number }
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

/** A packet under the key that everybody has. */
export function openStartup(datagram: Buffer): OpenedPacket | undefined {
  const opened = openPacket(datagram, defaultProtection)
  return opened?.header.mode === Mode.Startup ? opened : undefined
}

const ofInitiator: ReadonlySet<number> = new Set([ChunkType.InitiatorHello, ChunkType.InitiatorInitialKeying])
const ofResponder: ReadonlySet<number> = new Set([
  ChunkType.ResponderHello,
  ChunkType.Redirect,
  ChunkType.ResponderInitialKeying,
  ChunkType.CookieChange,
])

/** Who sends a start-up packet, as far as its first chunk tells. */
export function startupSender({ chunks }: OpenedPacket): 'client' | 'server' | undefined {
  const type = chunks.bytes[chunks.position] ?? 0
  if (ofInitiator.has(type)) return 'client'
  return ofResponder.has(type) ? 'server' : undefined
}
