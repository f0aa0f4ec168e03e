import { isIP } from 'node:net'
import type { Origin } from '../origin.ts'
import type { TurnKind } from '../turn.ts'
import { maxPart } from './limits.ts'

/** What the client asked for. */
export interface Beginning {
  readonly kind: TurnKind | 'close'
  readonly id: string
  readonly number: string
  readonly origin: Origin
  /** Bytes that the answer may have. */
  readonly most: number
  /** Of the whole body, if it is declared. */
  readonly length?: number | undefined
}

/** One message about a request that came to the wrong machine. */
export interface Question {
  /** Of the request, the same for all its messages. */
  readonly request: string
  /** Which part of the body it has, counted from 0. */
  readonly part: number
  /** It has the last part. */
  readonly isLast: boolean
  /** There with the first part. */
  readonly beginning?: Beginning | undefined
  /** The client has gone. */
  readonly isOver?: boolean | undefined
}

/** The question, and its part of the body. */
export function writeQuestion(question: Question, body: Uint8Array): Buffer {
  const head = Buffer.from(JSON.stringify(question))
  const length = Buffer.alloc(2)
  length.writeUInt16BE(head.length)
  return Buffer.concat([length, head, body])
}

/** @returns undefined for what is none */
export function parseQuestion(bytes: Buffer): { readonly question: Question; readonly body: Buffer } | undefined {
  if (bytes.length < 2) return undefined
  const end = 2 + bytes.readUInt16BE(0)
  if (bytes.length < end || bytes.length - end > maxPart) return undefined
  const question = parse(bytes.toString('utf8', 2, end))
  return isQuestion(question) ? { question, body: bytes.subarray(end) } : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isQuestion(value: unknown): value is Question {
  if (!isObject(value)) return false
  const { request, part, isLast, beginning, isOver } = value
  return (
    matches(request, /^[\w-]{1,32}$/) &&
    isWhole(part, 0, 0xffff_ffff) &&
    typeof isLast === 'boolean' &&
    isFlag(isOver) &&
    (beginning === undefined || isBeginning(beginning))
  )
}

function isBeginning(value: unknown): value is Beginning {
  if (!isObject(value)) return false
  const { kind, id, number, origin, most, length } = value
  return (
    (kind === 'send' || kind === 'idle' || kind === 'close') &&
    matches(id, /^[A-Za-z0-9]{1,63}$/) &&
    matches(number, /^\d{0,16}$/) &&
    isOrigin(origin) &&
    isWhole(most, 1, maxPart) &&
    (length === undefined || isWhole(length, 0, Number.MAX_SAFE_INTEGER))
  )
}

function isOrigin(value: unknown): value is Origin {
  if (!isObject(value)) return false
  const { address, port, secure, viaProxy } = value
  return (
    typeof address === 'string' &&
    (address === '' || isIP(address) !== 0) &&
    isWhole(port, 0, 0xffff) &&
    typeof secure === 'boolean' &&
    isFlag(viaProxy)
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isFlag(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean'
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value)
}
