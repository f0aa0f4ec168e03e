import type { Post } from '../post.ts'
import { maxPart } from './limits.ts'

const kinds = { waits: 0, taken: 1, stays: 2, closes: 3, drops: 4 } as const
const headLength = 3
const statuses = [200, 400, 404, 408, 413, 503]
const longestText = 256

/** The request waits to be answered, and whoever has its session is there. */
export const WAITS: Buffer = Buffer.from([kinds.waits])
/** The part of the body has been read: the next one may come. */
export const TAKEN: Buffer = Buffer.from([kinds.taken])
/** The client's connection is to be closed without an answer. */
export const DROPS: Buffer = Buffer.from([kinds.drops])

/** @param stays whether the client's connection may be kept */
export function writeAnswer(status: number, body: Uint8Array, stays: boolean): Buffer {
  const head = Buffer.from([stays ? kinds.stays : kinds.closes, status >> 8, status & 0xff])
  return Buffer.concat([head, body])
}

/** Says to the client what another machine has answered. Nothing comes of what is no answer. */
export function giveAnswer(bytes: Buffer, post: Post): void {
  const [kind] = bytes
  if (kind === kinds.drops) return post.drop()
  const status = bytes.length < headLength ? 0 : bytes.readUInt16BE(1)
  const body = bytes.subarray(headLength)
  if (status === 200 && body.length > 0 && body.length <= maxPart + 1) return post.answer(body)
  const text = body.toString('latin1')
  if (status === 200 || !statuses.includes(status) || body.length > longestText || !/^[ -~]*$/.test(text))
    return post.reject(503, 'try again')
  if (kind === kinds.stays) post.refuse(status, text)
  else post.reject(status, text)
}
