import type {
  Awaitable,
  Listener,
  MessageConnection,
  MessageTransport,
  MessageTransportConnection,
} from '@rtmpipe/session'
import { within } from './within.ts'
import { samples } from './samples.ts'
import { take } from './take.ts'

/** A transport of messages under test, fresh for each case. */
export interface MessageTransportSubject {
  /** Must listen on a free port of its own each time `listen` is called. */
  readonly transport: MessageTransport
  /** Where to dial to reach `listener`. */
  dialUrl(listener: Listener): URL
  /** Called when the case is over, passed or failed. */
  dispose?(): Awaitable<void>
}

/** A listener, and who has come to it. */
export interface MessageListening {
  readonly listener: Listener
  readonly url: URL
  readonly accepted: readonly MessageTransportConnection[]
  /** The next connection accepted. */
  readonly accept: () => Promise<MessageTransportConnection>
}

/** Both ends of a connection that has carried a first message each way, as `connect` and its answer are. */
export interface MessagesConnected extends MessageListening {
  readonly client: MessageConnection
  readonly server: MessageConnection
}

/** Listens and dials on a subject and keeps account of everything opened, so that a case can be cleaned up. */
export class MessageTransportBench {
  readonly subject: MessageTransportSubject
  readonly #listeners: Listener[] = []
  readonly #connections: MessageConnection[] = []

  constructor(subject: MessageTransportSubject) {
    this.subject = subject
  }

  async listen(options: { readonly signal?: AbortSignal } = {}): Promise<MessageListening> {
    const accepted: MessageTransportConnection[] = []
    let taken = 0
    let wake: (() => void) | undefined
    const listening = this.subject.transport.listen(connection => {
      this.#guard(connection.messages)
      accepted.push(connection)
      wake?.()
    }, options)
    const listener = await within('listen()', listening)
    this.#listeners.push(listener)
    const accept = async (): Promise<MessageTransportConnection> => {
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

  async dial(url: URL, options: { readonly signal?: AbortSignal } = {}): Promise<MessageTransportConnection> {
    const connection = await within('dial()', this.subject.transport.dial(url, options))
    this.#guard(connection.messages)
    return connection
  }

  /** Both ends of one new connection. */
  async connect(options: { readonly signal?: AbortSignal } = {}): Promise<MessagesConnected> {
    const listening = await this.listen()
    return { ...listening, ...(await this.greet(listening, options)) }
  }

  /** A further connection to a listener. */
  async greet(
    { url, accept }: MessageListening,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<{ readonly client: MessageConnection; readonly server: MessageConnection }> {
    const { messages: client } = await this.dial(url, options)
    client.send(samples.metadata())
    const { messages: server } = await accept()
    await within('the first message', take(server, 1))
    server.send(samples.metadata())
    await within('the answer', take(client, 1))
    return { client, server }
  }

  /** Destroys every connection and closes every listener. */
  async clear(): Promise<void> {
    for (const messages of this.#connections) messages.destroy()
    await within('close() of every listener', Promise.all(this.#listeners.map(listener => listener.close())))
    await this.subject.dispose?.()
  }

  /** Cases look at how a connection ends; an error nobody waits for at that moment is no failure of its own. */
  #guard(messages: MessageConnection): void {
    messages.on('error', () => {})
    this.#connections.push(messages)
  }
}
