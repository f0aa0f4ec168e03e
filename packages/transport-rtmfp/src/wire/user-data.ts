import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { ChunkType } from './chunk-type.ts'
import { MARKER, type Option, readOption } from './options.ts'
import { writeChunk } from './packet.ts'
import { vluLength } from './vlu.ts'
import { WireError } from './wire-error.ts'

/** Which part of a message a chunk has (§2.3.11). */
export const Fragment = { Whole: 0x00, Begin: 0x10, End: 0x20, Middle: 0x30 } as const
export type Fragment = (typeof Fragment)[keyof typeof Fragment]

/** Options of a flow (§2.3.11.1). */
export const FlowOption = {
  /** What the flow is for. */
  Metadata: 0x00,
  /** The peer's flow that it answers. */
  ReturnAssociation: 0x0a,
} as const

/** A part of a message of a flow, or the news that there is none. */
export interface UserData {
  readonly flowId: number
  readonly sequence: number
  /** All sequence numbers up to this one are settled: the sender will send none of them again. */
  readonly forwardSequence: number
  readonly fragment: Fragment
  /** Given up: the receiver is to expect nothing under this number. */
  readonly isAbandoned: boolean
  /** The last of the flow. */
  readonly isFinal: boolean
  /** Undefined where none were sent, which an empty list is not. */
  readonly options: readonly Option[] | undefined
  readonly data: Buffer
}

const OPTIONS = 0x80
const FRAGMENT = 0x30
const ABANDON = 0x02
const FINAL = 0x01

/** Options that one chunk may have. */
const MAX_OPTIONS = 8

/** @throws WireError for bytes that are none */
export function readUserData(reader: ByteReader): UserData {
  const flags = reader.u8()
  const flowId = reader.vlu()
  const sequence = reader.vlu()
  const offset = reader.vlu()
  if (offset > sequence) throw new WireError('a forward sequence number below zero')
  if (offset === 0 && (flags & ABANDON) === 0) throw new WireError('data that is settled before it was sent')
  return part(flags, flowId, sequence, sequence - offset, reader)
}

/** What follows a User Data chunk in the same packet: the next part of the same flow (§2.3.12). @throws WireError */
export function readNextUserData(reader: ByteReader, before: UserData | undefined): UserData {
  if (before === undefined) throw new WireError('next user data with none before it')
  const flags = reader.u8()
  return part(flags, before.flowId, before.sequence + 1, before.forwardSequence, reader)
}

function part(flags: number, flowId: number, sequence: number, forward: number, reader: ByteReader): UserData {
  if (!Number.isSafeInteger(sequence)) throw new WireError('a sequence number of more than 53 bits')
  const options = (flags & OPTIONS) === 0 ? undefined : readList(reader)
  return {
    flowId,
    sequence,
    forwardSequence: forward,
    fragment: (flags & FRAGMENT) as Fragment,
    isAbandoned: (flags & ABANDON) !== 0,
    isFinal: (flags & FINAL) !== 0,
    options,
    data: reader.rest(),
  }
}

function readList(reader: ByteReader): Option[] {
  const options: Option[] = []
  for (let option = readOption(reader); option !== undefined; option = readOption(reader)) {
    if (options.length >= MAX_OPTIONS) throw new WireError(`more than ${MAX_OPTIONS} options`)
    options.push(option)
  }
  return options
}

/** What is to be written. */
export interface OutgoingUserData extends Omit<UserData, 'options'> {
  /** Options as they are encoded, without the marker. */
  readonly options?: Buffer | undefined
}

export function writeUserData(writer: ByteWriter, chunk: OutgoingUserData): void {
  const { flowId, sequence, forwardSequence, options, data } = chunk
  writeChunk(writer, ChunkType.UserData, out => {
    out
      .u8(flagsOf(chunk))
      .vlu(flowId)
      .vlu(sequence)
      .vlu(sequence - forwardSequence)
    if (options !== undefined) out.put(options).put(MARKER)
    out.put(data)
  })
}

/** Writes the part after one that the same packet has of the same flow. */
export function writeNextUserData(writer: ByteWriter, chunk: OutgoingUserData): void {
  writeChunk(writer, ChunkType.NextUserData, out => {
    out.u8(flagsOf(chunk))
    if (chunk.options !== undefined) out.put(chunk.options).put(MARKER)
    out.put(chunk.data)
  })
}

function flagsOf({ fragment, isAbandoned, isFinal, options }: OutgoingUserData): number {
  return fragment | (options === undefined ? 0 : OPTIONS) | (isAbandoned ? ABANDON : 0) | (isFinal ? FINAL : 0)
}

/** Bytes that a User Data chunk has beside its data. */
export function userDataOverhead(
  chunk: Pick<OutgoingUserData, 'flowId' | 'sequence' | 'forwardSequence' | 'options'>,
): number {
  const { flowId, sequence, forwardSequence, options } = chunk
  const list = options === undefined ? 0 : options.length + MARKER.length
  return 3 + 1 + vluLength(flowId) + vluLength(sequence) + vluLength(sequence - forwardSequence) + list
}
