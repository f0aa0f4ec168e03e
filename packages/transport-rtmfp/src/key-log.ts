import type { PacketProtection } from './crypto/packet-cipher.ts'
import type { Endpoint } from './wire/address.ts'

/** One end of a session. */
export interface RtmfpSessionEnd extends Endpoint {
  /** Id that packets to this end have: 32 bits, never 0. */
  readonly sessionId: number
}

/** How the packets of one direction are protected (RFC 7425 §4.7). */
export type RtmfpPacketKeys = PacketProtection

/** Keys of one session. Whoever has them can read all of it, and write in it. */
export interface RtmfpSessionKeys {
  /** Who asked for the session. */
  readonly initiator: RtmfpSessionEnd
  /** Who was asked. Of ourselves it is the bound address, which may be that of all interfaces. */
  readonly responder: RtmfpSessionEnd
  /** Of packets that the initiator sends. */
  readonly initiatorToResponder: RtmfpPacketKeys
  /** Of packets that the responder sends. */
  readonly responderToInitiator: RtmfpPacketKeys
}

/** Text that is no key log. Nothing of it stands in the message: it may be somebody's keys. */
export class KeyLogError extends Error {
  override readonly name = 'KeyLogError'
}

const AES_KEY = 16
const LEAST_HMAC = 4
const MOST_HMAC = 32
const MOST_PORT = 0xffff

/** A session's line in a key log, with its line end; `rtmpipe dump --rtmfp-keys` reads it. */
export function keyLogLine(keys: RtmfpSessionKeys): string {
  const line = {
    initiator: endFields(keys.initiator),
    responder: endFields(keys.responder),
    initiatorToResponder: keyFields(keys.initiatorToResponder),
    responderToInitiator: keyFields(keys.responderToInitiator),
  }
  return `${JSON.stringify(line)}\n`
}

function endFields({ address, port, sessionId }: RtmfpSessionEnd): object {
  return { address, port, sessionId: sessionId.toString(16).padStart(8, '0') }
}

function keyFields({ aesKey, hmac, isNumbered }: RtmfpPacketKeys): object {
  return {
    aes: aesKey.toString('hex'),
    hmac: hmac?.key.toString('hex') ?? null,
    hmacLength: hmac?.length ?? 0,
    sequence: isNumbered,
  }
}

/** The sessions of a key log, in its order. @throws KeyLogError for a line that is none */
export function parseKeyLog(text: string): RtmfpSessionKeys[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      return [parseLine(line)]
    } catch (error) {
      if (!(error instanceof KeyLogError)) throw error
      throw new KeyLogError(`line ${index + 1} is not of an RTMFP key log: ${error.message}`)
    }
  })
}

function parseLine(line: string): RtmfpSessionKeys {
  const { initiator, responder, initiatorToResponder, responderToInitiator } = members(parsed(line), 'it')
  return {
    initiator: parseEnd(initiator, 'initiator'),
    responder: parseEnd(responder, 'responder'),
    initiatorToResponder: parseKeys(initiatorToResponder, 'initiatorToResponder'),
    responderToInitiator: parseKeys(responderToInitiator, 'responderToInitiator'),
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new KeyLogError('it is not JSON')
  }
}

function members(value: unknown, name: string): { readonly [key: string]: unknown } {
  if (typeof value !== 'object' || value === null) throw new KeyLogError(`${name} is not an object`)
  return value as { readonly [key: string]: unknown }
}

function parseEnd(value: unknown, name: string): RtmfpSessionEnd {
  const { address, port, sessionId } = members(value, name)
  if (typeof address !== 'string') throw new KeyLogError(`${name}.address is not a text`)
  return {
    address,
    port: wholeNumber(port, 0, MOST_PORT, `${name}.port`),
    sessionId: bytes(sessionId, 4, `${name}.sessionId`).readUInt32BE(),
  }
}

function parseKeys(value: unknown, name: string): RtmfpPacketKeys {
  const { aes, hmac, hmacLength, sequence } = members(value, name)
  if (typeof sequence !== 'boolean') throw new KeyLogError(`${name}.sequence is neither true nor false`)
  const keys = { aesKey: bytes(aes, AES_KEY, `${name}.aes`), isNumbered: sequence }
  if (hmac === null) return keys
  const length = wholeNumber(hmacLength, LEAST_HMAC, MOST_HMAC, `${name}.hmacLength`)
  return { ...keys, hmac: { key: bytes(hmac, MOST_HMAC, `${name}.hmac`), length } }
}

function wholeNumber(value: unknown, least: number, most: number, name: string): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number
  throw new KeyLogError(`${name} is not a whole number from ${least} to ${most}`)
}

function bytes(value: unknown, length: number, name: string): Buffer {
  if (typeof value === 'string' && value.length === length * 2 && /^[\da-f]*$/i.test(value)) {
    return Buffer.from(value, 'hex')
  }
  throw new KeyLogError(`${name} is not ${length * 2} hex digits`)
}
