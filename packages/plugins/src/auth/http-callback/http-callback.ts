import {
  type ConnectEvent,
  type ConnectionInfo,
  type Denial,
  type Logger,
  type PlayEvent,
  type PlayInfo,
  type Plugin,
  type PublishEvent,
  type PublishInfo,
  silentLogger,
  type StreamAnswer,
} from '@rtmpipe/session'
import { inject, type InjectionToken } from 'tsyringe'
import { LOGGER } from '../../tokens.ts'
import { refuse } from '../action.ts'
import { atMost } from './at-most.ts'
import type { Callback, CallbackClient, CallbackEvent } from './callback-event.ts'
import type { CallbackFormat, CallbackVerdict } from './callback-format.ts'
import type { HttpCallbackOptions } from './callback-options.ts'
import { CallbackQueue } from './callback-queue.ts'
import { CallbackSender } from './callback-sender.ts'
import { CallbackUrls } from './callback-urls.ts'
import { formats } from './formats/formats.ts'
import { isStreamName } from './stream-name.ts'
import { streamQuery } from './stream-query.ts'

/** Options of {@link HttpCallback} where it is given as a class. */
export const HTTP_CALLBACK_OPTIONS: InjectionToken<HttpCallbackOptions> = Symbol.for('rtmpipe.HttpCallbackOptions')

type Gate = 'connect' | 'publish' | 'play'

/** Asks a web server before it lets anyone in, and tells it when they leave. Without a good answer nobody gets in. */
export class HttpCallback implements Plugin {
  readonly name = 'http-callback'
  readonly #options: HttpCallbackOptions
  readonly #format: CallbackFormat
  readonly #urls: CallbackUrls
  readonly #sender: CallbackSender
  readonly #queue = new CallbackQueue()
  readonly #clients = new WeakMap<ConnectionInfo, CallbackClient>()
  readonly #log: Logger
  #count = 0

  constructor(@inject(HTTP_CALLBACK_OPTIONS) options: HttpCallbackOptions, @inject(LOGGER) log: Logger) {
    this.#options = options
    this.#format = formats[options.format ?? 'rtmpipe']
    this.#urls = new CallbackUrls(options.url, this.#format.events)
    this.#sender = new CallbackSender(options)
    this.#log = log
  }

  async onConnect(event: ConnectEvent): Promise<Denial | undefined> {
    this.#clients.set(event.connection, this.#clientOf(event))
    const { app, query, signal } = event
    const verdict = await this.#ask('connect', event.connection, { app, query }, signal)
    return verdict.kind === 'allow' ? undefined : this.#refusal('connect', verdict)
  }

  onPublish(event: PublishEvent): Promise<Denial | StreamAnswer | undefined> {
    return this.#gate('publish', event, { publishingType: event.publishingType })
  }

  onPlay(event: PlayEvent): Promise<Denial | StreamAnswer | undefined> {
    return this.#gate('play', event, { start: event.start, duration: event.duration })
  }

  onPublishEnd(event: PublishInfo): Promise<void> {
    return this.#tell('publishEnd', event.connection, event)
  }

  onPlayEnd(event: PlayInfo): Promise<void> {
    return this.#tell('playEnd', event.connection, event)
  }

  onDisconnect({ connection }: { readonly connection: ConnectionInfo }): Promise<void> {
    return this.#tell('disconnect', connection, connection)
  }

  /** Waits for what is under way, but not for ever: a web server that hangs does not keep this one from closing. */
  async onClose(): Promise<void> {
    const { timeout, attempts } = this.#sender
    await atMost(timeout * attempts, this.#queue.idle())
    await atMost(timeout * attempts, this.#sender.close())
  }

  async #gate(
    action: 'publish' | 'play',
    { connection, app, streamName, query, signal }: PublishEvent | PlayEvent,
    more: Partial<Callback>,
  ): Promise<Denial | StreamAnswer | undefined> {
    const verdict = await this.#ask(action, connection, { app, streamName, query, ...more }, signal)
    if (verdict.kind === 'allow') return undefined
    if (verdict.kind === 'rename' && isStreamName(verdict.streamName)) return { streamName: verdict.streamName }
    if (verdict.kind !== 'relay' || this.#options.onRelay === undefined) return this.#refusal(action, verdict)
    await this.#options.onRelay({ action, url: verdict.url, app, streamName, connection })
    return undefined
  }

  async #ask(
    event: Gate,
    connection: ConnectionInfo,
    about: Partial<Callback> & Pick<Callback, 'app' | 'query'>,
    signal: AbortSignal,
  ): Promise<CallbackVerdict> {
    try {
      return await this.#queue.run(connection, () =>
        this.#post(event, this.#callback(event, connection, about), signal),
      )
    } catch (error) {
      if (!signal.aborted) this.#warn(event, error as Error)
      return { kind: 'deny', description: 'it could not be found out whether this is allowed' }
    }
  }

  /** All requests of an event, in order; what the first says that does not simply agree is the answer. */
  async #post(event: CallbackEvent, callback: Callback, signal?: AbortSignal): Promise<CallbackVerdict> {
    let verdict: CallbackVerdict = { kind: 'allow' }
    for (const url of this.#urls.of(event)) {
      for (const request of this.#format.requests(callback)) {
        const answer = this.#format.verdict(event, await this.#sender.post(url, request, signal))
        if (answer.kind === 'deny' && signal !== undefined) return answer
        if (answer.kind !== 'allow') verdict = answer
      }
    }
    return verdict
  }

  async #tell(
    event: CallbackEvent,
    connection: ConnectionInfo,
    about: Partial<Callback> & Pick<Callback, 'app' | 'query'>,
  ): Promise<void> {
    if (this.#urls.of(event).length === 0) return
    // What it is about is written down now: the queue may come to it when all has ended.
    const callback = this.#callback(event, connection, about)
    try {
      await this.#queue.run(connection, () => this.#post(event, callback))
    } catch (error) {
      this.#warn(event, error as Error)
    }
  }

  #callback(
    event: CallbackEvent,
    connection: ConnectionInfo,
    about: Partial<Callback> & Pick<Callback, 'app' | 'query'>,
  ): Callback {
    const { app, query, streamName = '', publishingType = 'live', start = 'any', duration } = about
    const client = this.#clients.get(connection) ?? this.#clientOf({ connection, commandObject: {} })
    const own = streamName === '' ? '' : streamQuery(query, connection.query)
    return { event, connection, client, app, streamName, query, streamQuery: own, publishingType, start, duration }
  }

  #clientOf({ commandObject }: Pick<ConnectEvent, 'connection' | 'commandObject'>): CallbackClient {
    this.#count += 1
    const text = (name: string) => (typeof commandObject[name] === 'string' ? commandObject[name] : '')
    const [, appQuery = ''] = /\?(.*)$/s.exec(text('app')) ?? []
    return { number: this.#count, connected: Date.now(), swfUrl: text('swfUrl'), pageUrl: text('pageUrl'), appQuery }
  }

  #refusal(what: Gate, verdict: CallbackVerdict): Denial {
    if (verdict.kind !== 'deny') {
      this.#warn(what, new Error(`the answer ${verdict.kind} can't be followed`))
    }
    return refuse(what, (verdict.kind === 'deny' && verdict.description) || 'not allowed')
  }

  /** Queries stay out of the log, and so do bodies. */
  #warn(event: CallbackEvent, { message, name, code }: NodeJS.ErrnoException): void {
    this.#log.warn({ plugin: this.name, event, name, code, reason: message }, 'a callback failed')
  }
}

/**
 * Asks a web server over HTTP, in its own or another server's format.
 *
 * @example
 * ```ts
 * server.use(httpCallback({ url: { publish: 'http://127.0.0.1:3000/on_publish' }, format: 'nginx-rtmp' }))
 * ```
 *
 * @throws TypeError for what is no http(s) URL
 */
export function httpCallback(options: HttpCallbackOptions, log: Logger = silentLogger): Plugin {
  return new HttpCallback(options, log)
}
