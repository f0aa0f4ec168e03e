import type { Awaitable, Listener, Transport, TransportConnection } from '@rtmpipe/session'
import { within } from './within.ts'

/** What a transport need not have; the cases about it then check what is promised instead, or nothing. */
export type TransportLack =
  /** `end()` on one side closes both directions. */
  | 'half-open'
  /** Addresses have no ports: both are 0. */
  | 'ports'

/** A transport under test, fresh for each case. */
export interface TransportSubject {
  /** Must listen on a free port of its own each time `listen` is called. */
  readonly transport: Transport
  /** Where to dial to reach `listener`. */
  dialUrl(listener: Listener): URL
  /** Default: nothing lacks. */
  readonly lacks?: readonly TransportLack[]
  /** Called when the case is over, passed or failed. */
  dispose?(): Awaitable<void>
}

/** Listens and dials on a subject and keeps account of everything opened, so that a case can be cleaned up. */
export class TransportBench {
  readonly subject: TransportSubject
  readonly #listeners: Listener[] = []
  readonly #connections: TransportConnection[] = []

  constructor(subject: TransportSubject) {
    this.subject = subject
  }

  lacks(what: TransportLack): boolean {
    return this.subject.lacks?.includes(what) ?? false
  }

  async listen(options: { readonly signal?: AbortSignal } = {}): Promise<ListeningBench> {
    const accepted: TransportConnection[] = []
    let taken = 0
    let wake: (() => void) | undefined
    const listener = await within(
      'listen()',
      this.subject.transport.listen(connection => {
        this.#connections.push(guarded(connection))
        accepted.push(connection)
        wake?.()
      }, options),
    )
    this.#listeners.push(listener)
    const accept = async (): Promise<TransportConnection> => {
      for (;;) {
        const next = accepted[taken]
        if (next !== undefined) {
          taken += 1
          return next
        }
        await within('an accepted connection', new Promise<void>(resolve => (wake = resolve)))
      }
    }
    return { listener, accepted, accept, url: this.subject.dialUrl(listener) }
  }

  async dial(url: URL, options: { readonly signal?: AbortSignal } = {}): Promise<TransportConnection> {
    const connection = guarded(await within('dial()', this.subject.transport.dial(url, options)))
    this.#connections.push(connection)
    return connection
  }

  /** Both ends of one new connection. */
  async connect(options: { readonly signal?: AbortSignal } = {}): Promise<ConnectedBench> {
    const listening = await this.listen()
    const client = await this.dial(listening.url, options)
    return { ...listening, client, server: await listening.accept() }
  }

  /** Destroys every connection and closes every listener. */
  async clear(): Promise<void> {
    for (const { stream } of this.#connections) stream.destroy()
    await within('close() of every listener', Promise.all(this.#listeners.map(listener => listener.close())))
    await this.subject.dispose?.()
  }
}

/** A listener of a {@link TransportBench}. */
export interface ListeningBench {
  readonly listener: Listener
  readonly url: URL
  /** Every connection accepted so far. */
  readonly accepted: readonly TransportConnection[]
  /** The next connection accepted. */
  readonly accept: () => Promise<TransportConnection>
}

/** Both ends of a connection of a {@link TransportBench}. */
export interface ConnectedBench extends ListeningBench {
  readonly client: TransportConnection
  readonly server: TransportConnection
}

/** Cases look at how a stream ends; an error nobody waits for at that moment is no failure of its own. */
function guarded(connection: TransportConnection): TransportConnection {
  connection.stream.on('error', () => {})
  return connection
}
