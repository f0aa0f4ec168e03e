import { FrameError } from './errors.ts'
import { maxJoinMessageLength } from './limits.ts'
import { isId } from './subjects.ts'

/** What an edge asks of the origin of a stream: to join unless it says to renew or to leave. */
export interface JoinRequest {
  /** The edge. */
  readonly node: string
  /** Random, for each time that this edge follows the stream. */
  readonly join: string
  /** Bytes of the snapshot: a longer one comes without pictures. 0 asks for headers and metadata alone. Default: any */
  readonly max?: number
  /** Has joined, and goes on. Not answered. */
  readonly renew?: boolean
  /** Not answered. */
  readonly leave?: boolean
}

/** What comes on the reply subject first. A snapshot follows. */
export interface JoinAnswer {
  readonly epoch: number
  /** As in the frames at that time. */
  readonly headers: number
  /** As of the snapshot if that comes to the inbox; else as of now. */
  readonly seq: number
  /** Where the snapshot comes: on the reply subject, or on that of snapshots for all who wait. */
  readonly mode: 'inbox' | 'shared'
}

/** Too many wait for a snapshot. */
export interface BusyAnswer {
  /** Milliseconds. */
  readonly retryAfter: number
}

export function joinMessage(message: JoinRequest | JoinAnswer | BusyAnswer): Buffer {
  return Buffer.from(JSON.stringify(message))
}

/** Whether what came on a reply subject is an answer; else it is a frame. */
export function isAnswer(payload: Buffer): boolean {
  return payload[0] === 0x7b
}

/** @throws FrameError for what is none */
export function parseJoinRequest(payload: Buffer): JoinRequest {
  const { node, join, max, renew, leave } = fieldsOf(payload)
  const isRequest =
    isId(node) && isId(join) && (max === undefined || isCount(max)) && isOption(renew) && isOption(leave)
  if (!isRequest) throw new FrameError('a join request with other fields than it should have')
  return { node, join, ...(max !== undefined && { max }), ...(renew && { renew }), ...(leave && { leave }) }
}

/** @throws FrameError for what is none */
export function parseAnswer(payload: Buffer): JoinAnswer | BusyAnswer {
  const { epoch, headers, seq, mode, retryAfter } = fieldsOf(payload)
  if (isCount(retryAfter) && retryAfter <= 60_000) return { retryAfter }
  if (isCount(epoch) && isCount32(headers) && isCount32(seq) && (mode === 'inbox' || mode === 'shared')) {
    return { epoch, headers, seq, mode }
  }
  throw new FrameError('an answer to a join with other fields than it should have')
}

function fieldsOf(payload: Buffer): Record<string, unknown> {
  if (payload.length > maxJoinMessageLength) throw new FrameError(`a join message of ${payload.length} bytes`)
  let fields: unknown
  try {
    fields = JSON.parse(payload.toString())
  } catch {
    throw new FrameError('a join message that is no JSON')
  }
  if (typeof fields !== 'object' || fields === null) throw new FrameError('a join message without fields')
  return fields as Record<string, unknown>
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isCount32(value: unknown): value is number {
  return isCount(value) && value <= 0xffffffff
}

function isOption(value: unknown): value is boolean | undefined {
  return value === undefined || typeof value === 'boolean'
}
