import type { Socket } from 'node:net'
import type { Colleagues, HandedOver } from '../colleagues.ts'
import { Errand, type ErrandHost } from './errand.ts'
import type { Exchange } from './exchange.ts'
import { HandedPosts } from './handed-posts.ts'
import { lookInterval, maxBytes, maxKnown, maxUnderWay } from './limits.ts'

/** Hands requests over to processes of other machines, and takes theirs, by the `exchange` of a fabric. */
export class ExchangeColleagues implements Colleagues {
  readonly #exchange: Exchange
  readonly #now: () => number
  readonly #errands = new Set<Errand>()
  /** Those of each client's connection: when that breaks, nobody waits for them. */
  readonly #ofSocket = new WeakMap<Socket, Set<Errand>>()
  /** Of processes, the latest last. */
  readonly #known = new Set<string>()
  readonly #host: ErrandHost
  /** Bytes. */
  #kept = 0
  #timer: NodeJS.Timeout | undefined

  /** `now`: a clock in milliseconds. */
  constructor(exchange: Exchange, now: () => number = () => performance.now()) {
    this.#exchange = exchange
    this.#now = now
    this.#host = {
      exchange,
      now,
      isKnown: name => this.#known.has(name),
      heardOf: name => this.#heardOf(name),
      forget: name => void this.#known.delete(name),
      keep: bytes => void (this.#kept += bytes),
      done: (errand, { post }) => {
        this.#errands.delete(errand)
        this.#ofSocket.get(post.socket)?.delete(errand)
      },
    }
  }

  serve(name: string, take: (request: HandedOver) => void): () => void {
    const posts = new HandedPosts(take, this.#now)
    const end = this.#exchange.serve(name, (question, answer) => posts.receive(question, answer))
    return () => {
      end()
      posts.close()
    }
  }

  handOver(name: string, request: HandedOver): boolean {
    const { carrier } = request.post
    if (this.#errands.size >= maxUnderWay || this.#kept > maxBytes) request.post.reject(503, 'busy')
    // It is asked for what it can take, so that has to be something.
    else if (carrier.room <= 0) carrier.whenRoom(() => void (request.post.gone || this.handOver(name, request)))
    else {
      const errand = new Errand(this.#host, name, request, carrier.room)
      this.#errands.add(errand)
      this.#errandsOf(request.post.socket).add(errand)
      this.#timer ??= setInterval(() => this.#look(), lookInterval).unref()
      errand.begin()
    }
    return true
  }

  #look(): void {
    for (const errand of this.#errands) errand.look()
    if (this.#errands.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #heardOf(name: string): void {
    this.#known.delete(name)
    this.#known.add(name)
    if (this.#known.size <= maxKnown) return
    for (const oldest of this.#known) {
      this.#known.delete(oldest)
      return
    }
  }

  #errandsOf(socket: Socket): Set<Errand> {
    let errands = this.#ofSocket.get(socket)
    if (errands === undefined) {
      const created = new Set<Errand>()
      socket.once('close', () => {
        for (const errand of created) errand.cancel()
      })
      this.#ofSocket.set(socket, (errands = created))
    }
    return errands
  }
}
