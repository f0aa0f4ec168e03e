import type { Writable } from 'node:stream'
import { harmless } from '@rtmpipe/net'
import { messageKind } from '../body/message-kind.ts'
import { RecordText } from '../record-text.ts'
import type { DumpRecord, MessageGroup, MessageRecord } from '../record.ts'

/** What of a dump is written, and how. */
export interface DumpOutputOptions {
  readonly json: boolean
  /** Only messages and chunks of these; undefined for all. */
  readonly groups: ReadonlySet<MessageGroup> | undefined
  /** Messages. */
  readonly limit: number
}

/** Writes the records of a dump as lines. */
export class DumpOutput {
  readonly #to: Writable
  readonly #options: DumpOutputOptions
  readonly #text = new RecordText()
  #messages = 0
  #last: MessageRecord | undefined
  #complaints = 0
  #closed = false
  #lines: string[] = []

  constructor(to: Writable, options: DumpOutputOptions) {
    this.#to = to
    this.#options = options
    // A reader that has seen enough, as head.
    to.on('error', () => {
      this.#closed = true
    })
  }

  /** Whether there is no use in reading on: nobody reads, or the limit is reached. */
  get done(): boolean {
    return this.#closed || this.#messages >= this.#options.limit
  }

  /** Complaints written. */
  get complaints(): number {
    return this.#complaints
  }

  readonly write = (record: DumpRecord): void => {
    if (this.done && !this.#isOfLast(record)) return
    const { groups, json } = this.#options
    if (record.kind === 'message' || record.kind === 'chunk') {
      if (groups !== undefined && !groups.has(messageKind(record.messageTypeId).group)) return
    }
    // What is in a session is its messages, if some are chosen.
    if (groups !== undefined && isOfSession(record)) return
    if (record.kind === 'message') {
      this.#messages++
      this.#last = record
    }
    if (record.kind === 'complaint') this.#complaints++
    const line = json ? harmless(JSON.stringify(record)) : this.#text.line(record)
    if (line !== undefined) this.#lines.push(line, '\n')
  }

  /** Whether it is a complaint about the last message. */
  #isOfLast({ kind, ...record }: DumpRecord): boolean {
    if (kind !== 'complaint' || !('offset' in record)) return false
    const { connection, from, offset } = this.#last ?? {}
    return record.connection === connection && record.from === from && record.offset === offset
  }

  /** Writes what has gathered, and waits until it is taken, or nobody is there to take it. */
  async flush(): Promise<void> {
    if (this.#lines.length === 0 || this.#closed) return
    const text = this.#lines.join('')
    this.#lines = []
    await new Promise<void>(resolve => void this.#to.write(text, () => resolve()))
  }
}

function isOfSession(record: DumpRecord): boolean {
  if (record.kind === 'packet') return record.opened && record.mode !== 'startup'
  return record.kind === 'rtmfp-chunk' && !record.startup
}
