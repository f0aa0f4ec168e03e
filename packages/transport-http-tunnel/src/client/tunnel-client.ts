import { TunnelError } from '../errors.ts'
import { ignore } from '../ignore.ts'
import { POLLING_UNIT, SESSION_OVER } from '../polling-byte.ts'
import { TunnelStream } from '../tunnel-stream.ts'
import { passes, passesSoon } from './passing-errors.ts'
import type { Repeater } from './repeater.ts'

/** Body of a request that carries nothing. */
export const DUMMY: Buffer = Buffer.from([0])

/** Bytes of one `/send`. */
const MAX_SEND_LENGTH = 64 * 1024
/** Room in front of the reader without which nothing is asked for. */
const REPLY_ROOM = 1024 * 1024
/** Milliseconds between polls while the reader does not keep up: just enough to keep the session. */
const SLOW_POLL = 5_000
/**
 * Numbers that may be unanswered at a time: a server keeps as many replies, in case they get lost and are asked for again.
 */
const MAX_UNANSWERED = 2
/** Milliseconds for telling the server that a destroyed connection is over. */
const FAREWELL_TIMEOUT = 2_000

interface Slot {
  reply?: Buffer
}

/**
 * One tunnel session, seen from the client: turns writes into `/send` requests and polls with `/idle`. At most one of
 * each is under way, so that a write need not wait for a poll that the server holds.
 */
export class TunnelClient {
  readonly stream: TunnelStream
  readonly #id: string
  readonly #repeater: Repeater
  #sequence = 0
  /** Replies are due in the order of the requests, whichever comes first. */
  readonly #slots: Slot[] = []
  #sending = false
  #polling = false
  #closed = false
  /** The server has said that it will send no more. */
  #ended = false
  #pollAt = 0
  #polledAt = -Infinity
  #timer: NodeJS.Timeout | undefined
  #scheduled = false

  constructor(id: string, repeater: Repeater, maxBufferedBytes: number) {
    this.#id = id
    this.#repeater = repeater
    this.stream = new TunnelStream(maxBufferedBytes, this.#wake)
    this.stream.on('error', ignore).once('close', () => void this.#leave())
    this.#wake()
  }

  readonly #wake = (): void => {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#pump)
  }

  readonly #pump = (): void => {
    this.#scheduled = false
    if (this.stream.destroyed) return
    if (!this.#sending && this.stream.hasRoomFor(REPLY_ROOM)) {
      if (this.stream.pending) {
        if (this.#slots.length < MAX_UNANSWERED) void this.#send()
      } else if (this.stream.finishing && !this.#closed && this.#slots.length === 0) {
        // A server may forget the session as soon as it knows of it, and with it the replies that got lost.
        void this.#close()
      }
    }
    if (!this.#sending && !this.#polling && !this.#ended) this.#schedulePoll()
  }

  async #send(): Promise<void> {
    this.#sending = true
    await this.#exchange('send', Buffer.concat(this.stream.fetch(MAX_SEND_LENGTH)))
    this.#sending = false
    this.#wake()
  }

  async #poll(): Promise<void> {
    this.#polling = true
    await this.#exchange('idle', DUMMY)
    this.#polling = false
    this.#wake()
  }

  #schedulePoll(): void {
    clearTimeout(this.#timer)
    const room = this.stream.hasRoomFor(REPLY_ROOM)
    const due = this.stream.stalled ? Math.max(this.#pollAt, this.#polledAt + SLOW_POLL) : this.#pollAt
    const delay = due - performance.now()
    if (delay > 0) this.#timer = setTimeout(this.#wake, delay)
    else if (room) void this.#poll()
  }

  /** Makes one numbered request and hands on what comes. */
  async #exchange(kind: 'send' | 'idle', body: Buffer): Promise<void> {
    const startedAt = performance.now()
    if (kind === 'idle') this.#polledAt = startedAt
    const slot: Slot = {}
    this.#slots.push(slot)
    const sequence = this.#sequence++
    try {
      const { body: reply } = await this.#repeater.post(
        `/${kind} ${sequence}`,
        `/${kind}/${this.#id}/${sequence}`,
        body,
      )
      slot.reply = reply
      this.#deliver()
      this.#pollAt = reply.length > 1 ? 0 : startedAt + (reply[0] ?? 0) * POLLING_UNIT
    } catch (error) {
      // Some servers forget the session as soon as we have closed.
      if (this.#closed && isStatus(error)) this.#end()
      else this.stream.destroy(error as Error)
    }
  }

  #deliver(): void {
    for (let first = this.#slots[0]; first?.reply !== undefined; first = this.#slots[0]) {
      this.#slots.shift()
      if (first.reply.length === 0) throw new TunnelError('RTMP_ERR_TUNNEL_REPLY', 'reply without a polling byte')
      if (first.reply.length > 1 && !this.#ended) this.stream.feed(first.reply.subarray(1))
      else if (first.reply[0] === SESSION_OVER) this.#end()
    }
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.stream.feedEnd()
  }

  async #close(again = passes): Promise<void> {
    this.#closed = true
    try {
      await this.#repeater.post('/close', `/close/${this.#id}/${this.#sequence}`, DUMMY, again)
    } catch (error) {
      if (!isStatus(error)) this.stream.destroy(error as Error)
    }
    this.stream.finish()
    this.#wake()
  }

  /** The stream has closed: tells the server if it does not know. */
  async #leave(): Promise<void> {
    clearTimeout(this.#timer)
    this.#repeater.abort()
    const timer = setTimeout(() => this.#repeater.close(), FAREWELL_TIMEOUT)
    if (!this.#closed) await this.#close(passesSoon)
    clearTimeout(timer)
    this.#repeater.close()
  }
}

/** The server, or a proxy, has answered, and not as it should. */
function isStatus(error: unknown): boolean {
  return error instanceof TunnelError && error.code === 'RTMP_ERR_TUNNEL_STATUS'
}
