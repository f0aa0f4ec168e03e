import type { Socket } from 'node:net'
import { ignore } from '../ignore.ts'
import { carrierOf } from './carrier.ts'
import { NodeExchange } from './node-exchange.ts'
import { type PlainHead, PlainHeadReader } from './plain-head.ts'
import { QuickPost, type QuickReplies } from './quick-post.ts'
import type { QuickLines } from './quick-lines.ts'

const MAX_HEAD_LENGTH = 8 * 1024
const BEGINNING = 'POST /'
const END_OF_HEAD = '\r\n\r\n'
/** Requests that may wait for answers until no more are read. */
const MAX_WAITING = 256

/**
 * A connection whose requests are read here. Those of open sessions are answered without Node's HTTP, which would cost
 * more than all else; other plain ones are given to the listeners of the server. With the first that is not plain the
 * connection is Node's for good.
 */
export class QuickLine implements QuickReplies {
  readonly socket: Socket
  readonly #lines: QuickLines
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
  #isClosing = false
  #isNodes = false
  /** Since when the head of a request is on its way, or nothing at all. */
  #since: number
  #hasHead = false

  constructor(socket: Socket, lines: QuickLines) {
    this.socket = socket
    this.#lines = lines
    this.#since = lines.now
    socket.on('data', this.#take).on('end', this.#end).on('close', this.#close).on('error', ignore)
    socket.on('timeout', this.#timeout)
    socket.setTimeout(lines.patience)
  }

  reply(post: QuickPost, bytes: Buffer): void {
    if (this.#waiting[0] !== post) {
      post.waiting = bytes
      carrierOf(this.socket).hold(bytes)
      return
    }
    this.#waiting.shift()
    carrierOf(this.socket).write(bytes)
    if (post.last) this.#finish()
    else this.#advance()
  }

  /** Looks at the clock. */
  tick(): void {
    if (this.#isNodes || this.#waiting.length > 0 || this.#isLast) return
    const { now, headersTimeout, keepAliveTimeout } = this.#lines
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
      this.#since = this.#lines.now
    } else this.#bytes = Buffer.concat([this.#bytes, bytes])
    this.#parse()
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
    const session = isNumbered && length <= (this.#bytes?.length ?? 0) ? this.#lines.sessions.find(id) : undefined
    this.#isLast = !head.stays
    if (session === undefined) {
      this.#beginNodes(head)
      return
    }
    const post = new QuickPost(this, this.#bytes?.subarray(0, length) ?? NOTHING, head.stays)
    this.#skip(length)
    this.#waiting.push(post)
    this.#lines.sessions.receiveOf(session, kind === 'send' ? 'send' : 'idle', number as string, post)
  }

  #beginNodes(head: PlainHead): void {
    const exchange = new NodeExchange(this.socket, head, () => this.#sent(exchange))
    this.#waiting.push(exchange)
    if (this.#waiting[0] === exchange) exchange.comeFirst()
    exchange.begin(this.#lines.server)
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
      carrierOf(this.socket).letGo(waiting)
      carrierOf(this.socket).write(waiting)
      if (first.last) {
        this.#finish()
        return
      }
    }
    if (this.#waiting.length === 0) {
      this.#since = this.#lines.now
      if (this.#isClosing) this.#finish()
      else if (this.#isNodes) this.#handOver()
    }
    if (this.#isHeld) this.#release()
  }

  #skip(length: number): void {
    const bytes = this.#bytes
    if (bytes !== undefined) this.#bytes = length < bytes.length ? bytes.subarray(length) : undefined
  }

  /** Too many wait, or their answers are not read: no more are read either. */
  #hold(): void {
    this.socket.pause()
    if (this.#isHeld) return
    this.#isHeld = true
    if (this.socket.writableNeedDrain) this.socket.once('drain', this.#release)
  }

  readonly #release = (): void => {
    if (!this.#isHeld || this.#isNodes || this.socket.writableNeedDrain) return
    this.#isHeld = false
    if (!carrierOf(this.socket).isPaused) this.socket.resume()
    this.#parse()
  }

  /** Node goes on where we are, when what was asked before has been answered. */
  #handOver(): void {
    this.#isNodes = true
    const { socket } = this
    socket.pause()
    socket.off('data', this.#take)
    if (this.#waiting.length > 0) return
    this.#leave()
    if (this.#bytes !== undefined) socket.unshift(this.#bytes)
    this.#bytes = undefined
    this.#lines.giveBack(socket)
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

  readonly #timeout = (): void => void this.#lines.server.emit('timeout', this.socket)

  #leave(): void {
    this.#lines.forget(this)
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
