import { isId, isSid } from '../wire/subjects.ts'
import { maxMessageLength } from './limits.ts'

// What nodes say about names, as small JSON. Everything is checked field by field; what is not understood is undefined.

/** What stands in the directory under a name. */
export interface Owner {
  readonly node: string
  /** Random, for each claim: whoever does not know whether it has written recognizes its own. */
  readonly claim: string
}

/** Asked of the node that stands in the directory: has it still got the name under this claim? */
export interface Question {
  readonly sid: string
  readonly claim: string
}

/** `kept`: no publish is to take its place. `free`: it makes way, or has not got the name. */
export type Answer = 'free' | 'kept'

/** Told to all who follow a name, by its owner. */
export interface Announcement {
  readonly epoch: number
  readonly node: string
}

export function ownerMessage({ node, claim }: Owner): Buffer {
  return Buffer.from(JSON.stringify({ node, claim }))
}

export function parseOwner(bytes: Uint8Array): Owner | undefined {
  const { node, claim } = fieldsOf(bytes)
  return isId(node) && isId(claim) ? { node, claim } : undefined
}

export function questionMessage({ sid, claim }: Question): Buffer {
  return Buffer.from(JSON.stringify({ sid, claim }))
}

export function parseQuestion(bytes: Uint8Array): Question | undefined {
  const { sid, claim } = fieldsOf(bytes)
  return isSid(sid) && isId(claim) ? { sid, claim } : undefined
}

export function answerMessage(answer: Answer): Buffer {
  return Buffer.from(JSON.stringify({ answer }))
}

export function parseAnswerMessage(bytes: Uint8Array): Answer | undefined {
  const { answer } = fieldsOf(bytes)
  return answer === 'free' || answer === 'kept' ? answer : undefined
}

export function announcementMessage({ epoch, node }: Announcement): Buffer {
  return Buffer.from(JSON.stringify({ epoch, node }))
}

export function parseAnnouncement(bytes: Uint8Array): Announcement | undefined {
  const { epoch, node } = fieldsOf(bytes)
  return Number.isSafeInteger(epoch) && (epoch as number) > 0 && isId(node)
    ? { epoch: epoch as number, node }
    : undefined
}

function fieldsOf(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length > maxMessageLength) return {}
  try {
    const fields: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString())
    return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
