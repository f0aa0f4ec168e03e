import { type Cipher, createCipheriv, createDecipheriv, type Decipher, timingSafeEqual } from 'node:crypto'
import { ByteReader } from '../wire/byte-reader.ts'
import { ByteWriter } from '../wire/byte-writer.ts'
import { checksum } from '../wire/checksum.ts'
import { vluLength, writeVlu } from '../wire/vlu.ts'
import { WireError } from '../wire/wire-error.ts'
import { Beginnings } from './beginnings.ts'
import { HmacSha256 } from './hmac-sha256.ts'
import { ReplayWindow } from './replay-window.ts'

/** How the packets of one direction are protected (RFC 7425 §4.7). */
export interface PacketProtection {
  /** 16 bytes, for AES-128. */
  readonly aesKey: Buffer
  /** Undefined where a checksum stands in its place. `length`: bytes of it that are sent, 4 to 32. */
  readonly hmac?: { readonly key: Buffer; readonly length: number } | undefined
  /** Packets are numbered, so that a copy of one is recognised. */
  readonly isNumbered: boolean
}

/** Start-up packets have no keys of their own yet, and this is everybody's (§4.1). */
export const defaultProtection: PacketProtection = { aesKey: Buffer.from('Adobe Systems 02'), isNumbered: false }

/** Longest packet with what stands before it and behind it; datagrams of start-up may be as long. */
export const MAX_PACKET_LENGTH = 8_192

const BLOCK = 16
const CHECKSUM = 2
const SESSION_ID = 4
const PADDING = 0xff
const zeros = Buffer.alloc(BLOCK)
/** Where packets are written. Each is sealed before the next one is begun: one for all sessions. */
const packets: Beginnings = new Beginnings(MAX_PACKET_LENGTH)
const plain: Buffer = packets.memory

/** What a packet's authentication code should be. Used within one call: one for all. */
const code: Buffer = Buffer.alloc(32)

/** Makes datagrams of packets. */
export class PacketSealer {
  readonly #protection: PacketProtection
  readonly #cipher: Cipher
  readonly #hmac: HmacSha256 | undefined
  /** CBC goes on with the last block of the packet before. The protocol begins with zeros: this is taken out again. */
  readonly #before: Buffer = Buffer.alloc(BLOCK)
  #number: number

  /** @param first number of the first packet, where packets are numbered */
  constructor(protection: PacketProtection, first = 0) {
    this.#number = first
    this.#protection = protection
    this.#cipher = createCipheriv('aes-128-cbc', protection.aesKey, zeros).setAutoPadding(false)
    this.#hmac = protection.hmac && new HmacSha256(protection.hmac.key)
  }

  /** Bytes that a datagram has beside the next packet and its padding. */
  get overhead(): number {
    const { hmac } = this.#protection
    return SESSION_ID + this.#headLength + (hmac?.length ?? 0)
  }

  /**
   * Where the next packet is to be written, which is to be sealed before anybody begins another.
   *
   * @param length bytes that it may have, with what stands before it: a multiple of 16 leaves no byte unused
   */
  begin(length: number): ByteWriter {
    return new ByteWriter(plain, this.#headLength, length)
  }

  /** Makes a datagram of what was written. @param sessionId the id that its receiver knows it by */
  seal(sessionId: number, packet: ByteWriter): Buffer {
    const { hmac, isNumbered } = this.#protection
    const end = Math.ceil(packet.position / BLOCK) * BLOCK
    for (let index = packet.position; index < end; index += 1) plain[index] = PADDING
    const start = isNumbered ? writeVlu(plain, 0, this.#number++) : 0
    if (hmac === undefined) plain.writeUInt16BE(checksum(plain, start + CHECKSUM, end), start)
    mix(plain, this.#before)
    const encrypted = this.#cipher.update(packets.of(end))
    keepLast(encrypted, this.#before)
    const datagram = Buffer.allocUnsafe(SESSION_ID + end + (hmac?.length ?? 0))
    datagram.writeUInt32BE(scrambled(sessionId, encrypted), 0)
    datagram.set(encrypted, SESSION_ID)
    if (hmac !== undefined) this.#hmac?.write(encrypted, datagram, SESSION_ID + end, hmac.length)
    return datagram
  }

  get #headLength(): number {
    const { hmac, isNumbered } = this.#protection
    return (isNumbered ? vluLength(this.#number) : 0) + (hmac === undefined ? CHECKSUM : 0)
  }
}

/** Makes packets of datagrams, if they are what they should be. */
export class PacketOpener {
  readonly #protection: PacketProtection
  readonly #cipher: Decipher
  readonly #hmac: HmacSha256 | undefined
  /** The part of {@link code} that is sent. */
  readonly #expected: Buffer
  readonly #window = new ReplayWindow()
  readonly #before: Buffer = Buffer.alloc(BLOCK)

  constructor(protection: PacketProtection) {
    this.#protection = protection
    this.#cipher = createDecipheriv('aes-128-cbc', protection.aesKey, zeros).setAutoPadding(false)
    this.#hmac = protection.hmac && new HmacSha256(protection.hmac.key)
    this.#expected = code.subarray(0, protection.hmac?.length ?? 0)
  }

  /** The packet with its padding; undefined for what is forged, broken, or has come before. */
  open(datagram: Buffer): ByteReader | undefined {
    const { hmac, isNumbered } = this.#protection
    const end = datagram.length - (hmac?.length ?? 0)
    const length = end - SESSION_ID
    if (length <= 0 || length % BLOCK !== 0 || length > MAX_PACKET_LENGTH) return undefined
    const encrypted = datagram.subarray(SESSION_ID, end)
    if (hmac !== undefined) {
      this.#hmac?.write(encrypted, code, 0, hmac.length)
      if (!timingSafeEqual(this.#expected, datagram.subarray(end))) return undefined
    }
    const plain = this.#decrypt(encrypted)
    try {
      return this.#verified(new ByteReader(plain), isNumbered)
    } catch (error) {
      if (error instanceof WireError) return undefined
      throw error
    }
  }

  #decrypt(encrypted: Buffer): Buffer {
    const plain = this.#cipher.update(encrypted)
    mix(plain, this.#before)
    keepLast(encrypted, this.#before)
    return plain
  }

  #verified(reader: ByteReader, isNumbered: boolean): ByteReader | undefined {
    const number = isNumbered ? reader.vlu() : undefined
    if (number !== undefined && !this.#window.isNew(number)) return undefined
    if (this.#hmac === undefined) {
      const told = reader.u16()
      if (told !== checksum(reader.bytes, reader.position)) return undefined
    }
    if (number !== undefined) this.#window.add(number)
    return reader
  }
}

/** Keeps a copy of the last block: the datagram is not ours, and a view of it would keep all of it. */
function keepLast(encrypted: Buffer, block: Buffer): void {
  const start = encrypted.length - BLOCK
  for (let index = 0; index < BLOCK; index += 1) block[index] = encrypted[start + index] as number
}

/** Takes one block into another. */
function mix(into: Buffer, block: Buffer): void {
  for (let index = 0; index < BLOCK; index += 1) into[index] = (into[index] as number) ^ (block[index] as number)
}

/** The session id of a datagram (RFC 7016 §2.2.2); undefined for less than there can be. */
export function sessionIdOf(datagram: Buffer): number | undefined {
  if (datagram.length < SESSION_ID + 1) return undefined
  return scrambled(datagram.readUInt32BE(0), datagram.subarray(SESSION_ID))
}

/** What is shorter than eight bytes counts as if zeros followed. */
function scrambled(id: number, encrypted: Buffer): number {
  return (id ^ wordAt(encrypted, 0) ^ wordAt(encrypted, 4)) >>> 0
}

function wordAt(bytes: Buffer, at: number): number {
  if (bytes.length >= at + 4) return bytes.readUInt32BE(at)
  let word = 0
  for (let index = at; index < at + 4; index += 1) word = (word << 8) | (bytes[index] ?? 0)
  return word >>> 0
}
