import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { ignore } from '../ignore.ts'
import { type Carrier, carrierOf } from './carrier.ts'
import { NodeExchange } from './node-exchange.ts'
import { type PlainHead, PlainHeadReader } from './plain-head.ts'
import { QuickPost, type QuickReplies } from './quick-post.ts'
import type { TunnelServer } from './tunnel-server.ts'

const MAX_HEAD_LENGTH = 8 * 1024
const BEGINNING = 'POST /'
const END_OF_HEAD = '\r\n\r\n'
/** Requests that may wait for answers until no more are read. */
const MAX_WAITING = 256

/** What a line knows of its server. Times are in milliseconds. */
export interface LineHost {
  readonly server: Server
  readonly sessions: TunnelServer
  /** As of the last look at the clock. */
  readonly now: number
  /** For a head, and for the first one to begin. */
  readonly headersTimeout: number
  /** Between two requests. */
  readonly keepAliveTimeout: number
  /** Without a byte leaving or coming. */
  readonly patience: number
  /** Node serves the connection from here on. */
  giveBack(socket: Socket): void
  forget(line: QuickLine): void
}

/**
 * A connection whose requests are read here. Those of open sessions are answered without Node's HTTP, which would cost
 * more than all else; other plain ones are given to the listeners of the server. With the first that is not plain the
 * connection is Node's for good.
 */
export class QuickLine implements QuickReplies {
  readonly socket: Socket
  readonly carrier: Carrier
  readonly #host: LineHost
  readonly #reader = new PlainHeadReader()
  /** What came and has not been looked at. */
  #bytes: Buffer | undefined
  /** Requests without an answer, in their order. */
  readonly #waiting: (QuickPost | NodeExchange)[] = []
  /** The one whose body is on its way. */
  #incomplete: NodeExchange | undefined
  /** No request is read after this. */
  #isLast = false
  #isHeld = false
  #awaitsDrain = false
  #isClosing = false
  #isNodes = false
  /** Since when the head of a request is on its way, or nothing at all. */
  #since: number
  #hasHead = false

  constructor(socket: Socket, host: LineHost) {
    this.socket = socket
    this.carrier = carrierOf(socket)
    this.#host = host
    this.#since = host.now
    socket.on('data', this.#take).on('end', this.#end).on('close', this.#close).on('error', ignore)
    socket.on('timeout', this.#timeout)
    socket.setTimeout(host.patience)
  }

  reply(post: QuickPost, bytes: Buffer): void {
    if (this.#waiting[0] !== post) {
      post.waiting = bytes
      this.carrier.hold(bytes)
      return
    }
    this.#waiting.shift()
    this.carrier.write(bytes)
    if (post.last) this.#finish()
    else this.#advance()
  }

  /** Looks at the clock. */
  tick(): void {
    if (this.#isNodes || this.#waiting.length > 0 || this.#isLast || this.#isHeld) return
    const { now, headersTimeout, keepAliveTimeout } = this.#host
    const isIdle = this.#hasHead && this.#bytes === undefined
    if (now - this.#since <= (isIdle ? keepAliveTimeout : headersTimeout)) return
    if (!isIdle) this.socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n')
    this.#finish()
  }

  /** Ends the connection when what was asked has been answered. */
  close(): void {
    this.#isClosing = true
    if (this.#waiting.length === 0) this.#finish()
  }

  readonly #take = (bytes: Buffer): void => {
    if (this.#bytes === undefined) {
      this.#bytes = bytes
      this.#since = this.#host.now
    } else this.#bytes = Buffer.concat([this.#bytes, bytes])
    // A session reads on from its connections, whatever else these wait for.
    if (this.#isNodes) this.socket.pause()
    else this.#parse()
  }

  #parse(): void {
    while (this.#bytes !== undefined) {
      if (this.#incomplete !== undefined) {
        this.#skip(this.#incomplete.feed(this.#bytes))
        if (this.#incomplete.isWhole) this.#incomplete = undefined
        continue
      }
      if (this.#isLast) {
        this.#bytes = undefined
        return
      }
      if (this.#waiting.length >= MAX_WAITING || this.socket.writableNeedDrain) {
        this.#hold()
        return
      }
      const end = this.#bytes.indexOf(END_OF_HEAD)
      if (end < 0 && this.#bytes.length <= MAX_HEAD_LENGTH && isBeginning(this.#bytes)) return
      const head =
        end < 0 || end > MAX_HEAD_LENGTH ? undefined : this.#reader.read(this.#bytes.toString('latin1', 0, end))
      if (head === undefined) {
        this.#handOver()
        return
      }
      this.#skip(end + END_OF_HEAD.length)
      this.#begin(head)
    }
  }

  #begin(head: PlainHead): void {
    this.#hasHead = true
    const length = head.fields.bodyLength
    const [, kind, id = '', number] = head.path.split('/')
    const isNumbered = number !== undefined && (kind === 'send' || kind === 'idle' || kind === 'idel')
    const session = isNumbered && length <= (this.#bytes?.length ?? 0) ? this.#host.sessions.find(id) : undefined
    this.#isLast = !head.stays
    if (session === undefined) {
      this.#beginNodes(head)
      return
    }
    const post = new QuickPost(this, this.#bytes?.subarray(0, length) ?? NOTHING, head.stays)
    this.#skip(length)
    this.#waiting.push(post)
    this.#host.sessions.receiveOf(session, kind === 'send' ? 'send' : 'idle', number as string, post)
  }

  #beginNodes(head: PlainHead): void {
    const exchange = new NodeExchange(this.socket, head, () => this.#sent(exchange))
    this.#waiting.push(exchange)
    if (this.#waiting[0] === exchange) exchange.comeFirst()
    exchange.begin(this.#host.server)
    if (!exchange.isWhole) this.#incomplete = exchange
  }

  #sent(exchange: NodeExchange): void {
    this.#waiting.shift()
    exchange.leave()
    if (exchange.isLast) this.#finish()
    else this.#advance()
  }

  /** Sends the answers that have waited for their turn. */
  #advance(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (first instanceof NodeExchange) {
        first.comeFirst()
        break
      }
      const { waiting } = first
      if (waiting === undefined) break
      this.#waiting.shift()
      this.carrier.letGo(waiting)
      this.carrier.write(waiting)
      if (first.last) {
        this.#finish()
        return
      }
    }
    if (this.#isHeld) this.#release()
    if (this.#waiting.length > 0) return
    this.#since = this.#host.now
    if (this.#isNodes) this.#handOver()
    else if (this.#isClosing && !this.#isHeld) this.#finish()
  }

  #skip(length: number): void {
    const bytes = this.#bytes
    if (bytes !== undefined) this.#bytes = length < bytes.length ? bytes.subarray(length) : undefined
  }

  /** Too many wait, or their answers are not read: no more are read either. */
  #hold(): void {
    this.#isHeld = true
    this.socket.pause()
    this.#awaitDrain()
  }

  #awaitDrain(): void {
    if (!this.socket.writableNeedDrain || this.#awaitsDrain) return
    this.#awaitsDrain = true
    this.socket.once('drain', () => {
      this.#awaitsDrain = false
      this.#release()
    })
  }

  #release(): void {
    if (!this.#isHeld || this.#isNodes) return
    if (this.socket.writableNeedDrain) {
      this.#awaitDrain()
      return
    }
    this.#isHeld = false
    if (!this.carrier.isPaused) this.socket.resume()
    this.#parse()
  }

  /** Node goes on where we are, when what was asked before has been answered. */
  #handOver(): void {
    this.#isNodes = true
    const { socket } = this
    socket.pause()
    if (this.#waiting.length > 0) return
    if (socket.readableEnded) {
      this.#finish()
      return
    }
    this.#leave()
    if (this.#bytes !== undefined) socket.unshift(this.#bytes)
    this.#bytes = undefined
    this.#host.giveBack(socket)
    socket.resume()
  }

  /** Closes the connection when all has been sent. */
  #finish(): void {
    this.#isLast = true
    this.#bytes = undefined
    this.socket.destroySoon()
  }

  /** The client sends nothing more. */
  readonly #end = (): void => {
    this.#isClosing = true
    if (this.#incomplete !== undefined) this.socket.destroy()
    else if (this.#waiting.length === 0) this.#finish()
  }

  readonly #close = (): void => {
    this.#leave()
    this.#isLast = true
    this.#incomplete?.abort()
  }

  readonly #timeout = (): void => void this.#host.server.emit('timeout', this.socket)

  #leave(): void {
    this.#host.forget(this)
    this.socket.setTimeout(0)
    const { socket } = this
    socket.off('data', this.#take).off('end', this.#end).off('close', this.#close).off('timeout', this.#timeout)
  }
}

const NOTHING = Buffer.alloc(0)

function isBeginning(bytes: Buffer): boolean {
  const text = bytes.toString('latin1', 0, BEGINNING.length)
  return BEGINNING.startsWith(text)
}
