import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '@rtmpipe/session'
import { UsageError } from '@rtmpipe/chunk-stream'
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node'
import { type Bus, type BusMessage, nobody } from '../contract/bus.ts'
import { addressText, type ServerAddress, type ServerList } from './addresses.ts'
import { withAdvice } from './advice.ts'
import type { Dialer } from './dialer.ts'
import { maxPause, minPause, silenceLimit, watchInterval } from './limits.ts'
import { Link } from './link.ts'

/** What a bus needs. */
export interface NatsBusOptions {
  readonly servers: ServerList
  readonly dialer: Pick<Dialer, 'dial'>
  /** Subjects of answers: what follows it belongs to this bus. */
  readonly inbox: string
  readonly log: Logger
  /** Told why servers may not be used, when none could be connected to; undefined when one is. */
  readonly onRefused?: (error: UsageError | undefined) => void
}

const alone: readonly string[] = []

interface Subscribed {
  readonly subject: string
  readonly take: (message: BusMessage) => void
  current: Subscription | undefined
}

/** Counted since the start. */
export interface BusCounters {
  /** Messages that were not sent: the network was down, or the server did not take them. */
  dropped: number
  /** Bytes in them. */
  droppedBytes: number
  /** Connections after the first one. */
  reconnects: number
  /** Of those, how many because a server had fallen silent. */
  frozen: number
}

/**
 * A {@link Bus} over one NATS connection at a time. The library's own reconnection hangs when a server freezes while much
 * is being sent, so each of its connections lives once, and we watch it: one that has not answered for a second is left
 * for another server.
 */
export class NatsBus implements Bus, AsyncDisposable {
  readonly counters: BusCounters = { dropped: 0, droppedBytes: 0, reconnects: 0, frozen: 0 }
  readonly #options: NatsBusOptions
  readonly #subscribed = new Set<Subscribed>()
  readonly #asked = new Map<string, (answer: BusMessage | typeof nobody) => void>()
  readonly #listeners = new Set<() => void>()
  readonly #lossListeners = new Set<() => void>()
  readonly #watch: NodeJS.Timeout
  readonly #end = new AbortController()
  readonly #complained = new Set<string>()
  /** Perhaps fallen silent: then it is kept until there is another one, in case it comes back. */
  #link: Link | undefined
  #last: ServerAddress | undefined
  /** Servers of the cluster, as the server of now has told last. */
  #toldOf = alone
  #isUp = false
  #isDialing = false
  #asks = 0

  constructor(options: NatsBusOptions) {
    this.#options = options
    this.subscribe(`${options.inbox}.*`, message => this.#answer(message))
    this.#watch = setInterval(() => this.#look(), watchInterval).unref()
    void this.#dial()
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** The connection of now, for what is not in a {@link Bus}. */
  get connection(): NatsConnection | undefined {
    return this.#isUp ? this.#link?.connection : undefined
  }

  /** The server of now, as HOST:PORT; undefined when there is none. */
  get server(): string | undefined {
    return this.#isUp && this.#link !== undefined ? addressText(this.#link.address) : undefined
  }

  publish(subject: string, payload: Uint8Array): void {
    this.#send(subject, payload)
  }

  reserve(subject: string, length: number): Buffer {
    return this.#link?.reserve(subject, length) ?? Buffer.allocUnsafe(length)
  }

  subscribe(subject: string, take: (message: BusMessage) => void): () => void {
    const subscribed: Subscribed = { subject, take, current: undefined }
    this.#subscribed.add(subscribed)
    if (this.#link !== undefined) this.#begin(subscribed, this.#link)
    return () => {
      if (!this.#subscribed.delete(subscribed)) return
      subscribed.current?.unsubscribe()
      subscribed.current = undefined
    }
  }

  ask(subject: string, payload: Uint8Array, take: (answer: BusMessage | typeof nobody) => void): () => void {
    this.#asks += 1
    const reply = `${this.#options.inbox}.${this.#asks.toString(36)}`
    this.#asked.set(reply, take)
    this.#send(subject, payload, reply)
    return () => void this.#asked.delete(reply)
  }

  flush(): Promise<void> {
    if (this.#link === undefined || !this.#isUp) return Promise.reject(new Error('no NATS server is connected'))
    return this.#link.flush()
  }

  onUp(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  onLoss(listener: () => void): () => void {
    this.#lossListeners.add(listener)
    return () => void this.#lossListeners.delete(listener)
  }

  /** Leaves the server of now for another one, because it may not be used. */
  refuse(why: (server: ServerAddress) => UsageError): void {
    if (this.#link === undefined) return
    this.#refused(why(this.#link.address))
    this.#drop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    clearInterval(this.#watch)
    this.#isUp = false
    const link = this.#link
    this.#link = undefined
    // What was published last, as that streams end, is to arrive, if the server is there to take it.
    if (link !== undefined) await Promise.race([link.flush().catch(() => {}), delay(silenceLimit)])
    link?.close()
  }

  #send(subject: string, payload: Uint8Array, reply?: string): void {
    if (this.#isUp && this.#link?.send(subject, payload, reply) === true) return
    this.counters.dropped += 1
    this.counters.droppedBytes += payload.length
  }

  #answer(message: BusMessage): void {
    this.#asked.get(message.subject)?.(message)
  }

  #begin(subscribed: Subscribed, link: Link): void {
    const { subject, take } = subscribed
    try {
      subscribed.current = link.subscribe(subject, (error, message) => {
        if (error !== null) return this.#complain(error)
        try {
          if (message.data.length === 0 && message.headers?.code === 503) this.#asked.get(message.subject)?.(nobody)
          else take(new NatsMessage(message))
        } catch (failure) {
          this.#options.log.error({ err: failure }, 'a message of the cluster could not be handled')
        }
      })
    } catch {
      // It is closing: the next connection has it.
      subscribed.current = undefined
    }
  }

  #look(): void {
    const link = this.#link
    if (link === undefined) return
    this.#lookForLoss(link.connection)
    const isSilent = link.look() >= silenceLimit
    if (isSilent && this.#isUp) {
      this.#isUp = false
      this.counters.frozen += 1
      this.#options.log.warn({ server: addressText(link.address) }, 'the NATS server does not answer')
      void this.#dial()
    } else if (!isSilent && !this.#isUp) this.#up()
  }

  /** Servers tell their clients which of them there are, whenever that changes. */
  #lookForLoss({ info }: NatsConnection): void {
    if (info === undefined) return
    const servers = toldOf(info)
    if (servers === this.#toldOf) return
    const isLost = this.#toldOf.some(server => !servers.includes(server))
    this.#toldOf = servers
    if (isLost) for (const listener of this.#lossListeners) listener()
  }

  /** Until there is a connection, or the one that had fallen silent is back. */
  async #dial(): Promise<void> {
    if (this.#isDialing || this.#end.signal.aborted) return
    this.#isDialing = true
    try {
      for (let pause = minPause; this.#needsLink(); pause = Math.min(maxPause, 2 * pause)) {
        let refused: UsageError | undefined
        for (const address of this.#options.servers.after(this.#last)) {
          if (!this.#needsLink()) return
          const failure = await this.#connect(address)
          if (failure === undefined) return
          if (failure instanceof UsageError) refused = failure
        }
        if (refused !== undefined) this.#options.onRefused?.(refused)
        await delay(pause * (0.5 + Math.random()), undefined, { ref: false, signal: this.#end.signal })
      }
    } catch {
      // Disposed.
    } finally {
      this.#isDialing = false
    }
  }

  #needsLink(): boolean {
    return !this.#isUp && !this.#end.signal.aborted
  }

  /** @returns why it could not be done */
  async #connect(address: ServerAddress): Promise<Error | undefined> {
    const { dialer, servers, log, onRefused } = this.#options
    let connection: NatsConnection
    try {
      connection = await dialer.dial(address)
    } catch (error) {
      if (error instanceof UsageError) this.#refused(error)
      else this.#unreachable(address, error as Error)
      return error as Error
    }
    if (!this.#needsLink()) {
      connection.close().catch(() => {})
      return undefined
    }
    const before = this.#link
    const link = new Link(address, connection, () => performance.now())
    this.#link = link
    const isFirst = this.#last === undefined
    if (!isFirst) this.counters.reconnects += 1
    this.#last = address
    this.#toldOf = toldOf(connection.info)
    servers.discover(this.#toldOf, address)
    for (const subscribed of this.#subscribed) this.#begin(subscribed, link)
    before?.close()
    this.#complained.clear()
    void this.#watchErrors(connection)
    void connection.closed().then(() => this.#lost(link))
    onRefused?.(undefined)
    log[isFirst ? 'debug' : 'info']({ server: addressText(address) }, 'connected to the NATS server')
    this.#up()
    return undefined
  }

  #up(): void {
    this.#isUp = true
    for (const listener of this.#listeners) listener()
  }

  #lost(link: Link): void {
    if (this.#link !== link) return
    this.#options.log.warn({ server: addressText(link.address) }, 'the connection to the NATS server is lost')
    this.#drop()
  }

  #drop(): void {
    const link = this.#link
    this.#link = undefined
    this.#isUp = false
    link?.close()
    void this.#dial()
  }

  #refused(error: UsageError): void {
    this.#once(error.message, () => this.#options.log.error({}, error.message))
  }

  #unreachable(address: ServerAddress, { message }: Error): void {
    const server = addressText(address)
    this.#once(`${server} ${message}`, () =>
      this.#options.log.warn(
        { server, why: withAdvice(message) },
        'can not connect to the NATS server, and keep trying',
      ),
    )
  }

  async #watchErrors(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) if (status.type === 'error') this.#complain(status.error)
  }

  #complain({ message }: Error): void {
    this.#once(message, () =>
      this.#options.log.error(
        { why: message },
        'the NATS server has refused something: compare the permissions of our user there with those of a node',
      ),
    )
  }

  /** Says something once per outage or connection. */
  #once(text: string, say: () => void): void {
    if (this.#complained.has(text) || this.#complained.size >= 100) return
    this.#complained.add(text)
    say()
  }
}

/** Most of what comes is media, of which nobody asks for the subject: the library decodes it when it is asked. */
class NatsMessage implements BusMessage {
  readonly payload: Buffer
  readonly #message: Msg

  constructor(message: Msg) {
    const { data } = message
    this.#message = message
    this.payload = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  }

  get subject(): string {
    return this.#message.subject
  }

  get reply(): string | undefined {
    const { reply } = this.#message
    return reply === '' ? undefined : reply
  }
}

/** The servers of a cluster; the same list until it changes. */
function toldOf(info: { readonly connect_urls?: string[] } | undefined): readonly string[] {
  const servers = info?.connect_urls
  return Array.isArray(servers) ? servers : alone
}
