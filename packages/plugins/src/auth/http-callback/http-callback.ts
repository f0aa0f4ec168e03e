import {
  checkOptions,
  type ConnectEvent,
  type ConnectionInfo,
  type Context,
  type Denial,
  type Host,
  type Logger,
  type PlayEvent,
  type PlayInfo,
  type Plugin,
  PRINCIPAL,
  type PublishEvent,
  type PublishInfo,
  status,
  type StreamAnswer,
} from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../../inject.ts'
import { PluginLog } from '../../plugin-log.ts'
import { LOGGER } from '../../tokens/index.ts'
import { identify } from '../../principal.ts'
import { forPages, refuse } from '../action.ts'
import { atMost } from '../../at-most.ts'
import type { Callback, CallbackClient, CallbackFile, CallbackKind, CallbackProgress } from './callback-event.ts'
import type { CallbackFormat, CallbackVerdict } from './callback-format.ts'
import type { HttpCallbackOptions } from './callback-options.ts'
import { CallbackQueue } from './callback-queue.ts'
import { CallbackSender } from './callback-sender.ts'
import { CallbackUpdates } from './callback-updates.ts'
import { CallbackUrls } from './callback-urls.ts'
import { formats } from './formats/formats.ts'
import type { MessageClock } from './message-clock.ts'
import { isStreamName } from './stream-name.ts'
import { httpCallbackDefaults } from '../defaults.ts'

/** Options of {@link HttpCallback} where it is given as a class. */
export const HTTP_CALLBACK_OPTIONS: InjectionToken<HttpCallbackOptions> = Symbol.for('rtmpipe.HttpCallbackOptions')

/** Longest time of a timer, in milliseconds. */
const maxInterval = 2 ** 31 - 1

const known: Record<keyof HttpCallbackOptions, true> = {
  url: true,
  format: true,
  update: true,
  recorded: true,
  method: true,
  timeout: true,
  retries: true,
  secret: true,
  onRelay: true,
}

type Gate = 'connect' | 'publish' | 'play'

/**
 * Asks a web server before it lets anyone in, and tells it when they leave. Without an answer that allows, nobody gets
 * in.
 */
export class HttpCallback implements Plugin {
  readonly name = 'http-callback'
  readonly #options: Pick<HttpCallbackOptions, 'onRelay'>
  readonly #format: CallbackFormat
  readonly #urls: CallbackUrls
  readonly #sender: CallbackSender
  readonly #queue = new CallbackQueue()
  readonly #clients = new WeakMap<ConnectionInfo, CallbackClient>()
  readonly #log: PluginLog
  /** Asks again about who publishes and plays; undefined without the option `update`. */
  readonly #updates: CallbackUpdates | undefined
  #count = 0

  constructor(@inject(HTTP_CALLBACK_OPTIONS) options: HttpCallbackOptions, @inject(LOGGER) log?: Logger) {
    checkOptions('httpCallback()', options, known)
    checkOptions('httpCallback().update', options.update ?? {}, { url: true, interval: true })
    this.#options = options
    this.#format = formats[options.format ?? httpCallbackDefaults.format]
    this.#urls = new CallbackUrls(options, this.#format.events)
    this.#sender = new CallbackSender(options)
    this.#log = new PluginLog(this.name, log)
    const { update, method, format } = options
    if (method === 'GET' && format !== 'nginx-rtmp') throw new TypeError('GET goes with the format nginx-rtmp alone')
    if (update === undefined) return
    const { interval = httpCallbackDefaults.updateInterval } = update
    if (!(interval > 0 && interval <= maxInterval)) throw new TypeError(`update.interval: ${interval} is no time`)
    this.#updates = new CallbackUpdates(interval, (info, progress) => this.#again(info, progress))
  }

  setup(host: Host): void {
    this.#log.use(host)
  }

  async onConnect(event: ConnectEvent): Promise<Denial | undefined> {
    this.#clients.set(event.connection, this.#clientOf(event))
    const { app, query, signal } = event
    const verdict = await this.#ask('connect', event.connection, { app, query }, signal)
    if (verdict.kind !== 'allow') return this.#refusal('connect', verdict)
    this.#identify(event.context, verdict.user)
    return undefined
  }

  onPublish(event: PublishEvent): Promise<Denial | StreamAnswer | undefined> {
    return this.#gate('publish', event, { publishingType: event.publishingType })
  }

  onPlay(event: PlayEvent): Promise<Denial | StreamAnswer | undefined> {
    return this.#gate('play', event, { start: event.start, duration: event.duration })
  }

  bindPublish(info: PublishInfo): MessageClock | undefined {
    return this.#updates?.clockOf(info)
  }

  bindPlay(info: PlayInfo): MessageClock | undefined {
    return info.stream === undefined ? this.#updates?.clockOf(info) : undefined
  }

  onPublishStart(info: PublishInfo): void {
    this.#updates?.start('publish', info)
  }

  onPlayStart(info: PlayInfo): void {
    this.#updates?.start('play', info)
  }

  onPublishEnd(event: PublishInfo): Promise<void> {
    this.#updates?.stop(event)
    return this.#tell('publishEnd', event.connection, event)
  }

  onPlayEnd(event: PlayInfo): Promise<void> {
    this.#updates?.stop(event)
    return this.#tell('playEnd', event.connection, event)
  }

  onDisconnect({ connection }: { readonly connection: ConnectionInfo }): Promise<void> {
    return this.#tell('disconnect', connection, connection)
  }

  /**
   * Tells of a file that was recorded, as `on_record_done` of nginx-rtmp and `on_dvr` of SRS do: of one whose stream a
   * client has published. Resolves when the web server has answered, whatever it says.
   *
   * @example
   * ```ts
   * record({ dir: 'recordings', onRecorded: file => callback.recorded(file) })
   * ```
   */
  async recorded(recorded: CallbackFile & { readonly publish: PublishInfo | undefined }): Promise<void> {
    const { publish, file, duration, bytes } = recorded
    if (publish === undefined) return
    const { connection, app, streamName, query, rawQuery, principal } = publish
    const about = { app, streamName, query, rawQuery, principal, recorded: { file, duration, bytes } }
    return this.#tell('recorded', connection, about)
  }

  /**
   * Waits for requests under way, but not for ever: a web server that hangs does not keep this server from closing.
   */
  async onClose(): Promise<void> {
    this.#updates?.close()
    const { timeout, attempts } = this.#sender
    await atMost(timeout * attempts, this.#queue.idle())
  }

  async #gate(
    action: 'publish' | 'play',
    { connection, app, streamName, query, rawQuery, context, signal }: PublishEvent | PlayEvent,
    more: Partial<Callback>,
  ): Promise<Denial | StreamAnswer | undefined> {
    const about = { app, streamName, query, rawQuery, principal: context.get(PRINCIPAL), ...more }
    const verdict = await this.#ask(action, connection, about, signal)
    if (verdict.kind === 'allow' || verdict.kind === 'rename') this.#identify(context, verdict.user)
    if (verdict.kind === 'allow') return undefined
    if (verdict.kind === 'rename' && isStreamName(verdict.streamName)) return { streamName: verdict.streamName }
    if (verdict.kind !== 'relay' || this.#options.onRelay === undefined)
      return forPages(this.#refusal(action, verdict), connection)
    await this.#options.onRelay({ action, url: verdict.url, app, streamName, connection })
    return undefined
  }

  /** Without an answer, nobody is ended: clients stay while the web server is away. */
  async #again(info: PublishInfo | PlayInfo, progress: CallbackProgress): Promise<boolean> {
    const { connection, app, streamName, query, rawQuery, principal } = info
    const about = { app, streamName, query, rawQuery, principal, progress }
    const callback = this.#callback('update', connection, about)
    const verdict = await this.#queue
      .run(connection, () => this.#send('update', callback, connection.signal))
      .catch((error: Error): CallbackVerdict => {
        if (!connection.signal.aborted) this.#warn('update', error)
        return { kind: 'allow' }
      })
    if (verdict.kind !== 'deny') return true
    // Meanwhile the publish may have ended, and its connection may serve another one.
    if (this.#updates?.isRunning(info) !== true) return false
    const { code } = refuse(progress.action, '')
    info.end(status(code, verdict.description ?? 'not allowed any more'))
    // Ends the connection of a publisher: some publishers ignore the status and would go on sending.
    if (progress.action === 'publish') connection.end()
    return false
  }

  async #ask(
    event: Gate,
    connection: ConnectionInfo,
    about: Partial<Callback> & Pick<Callback, 'app' | 'query'>,
    signal: AbortSignal,
  ): Promise<CallbackVerdict> {
    try {
      return await this.#queue.run(connection, () =>
        this.#send(event, this.#callback(event, connection, about), signal),
      )
    } catch (error) {
      if (!signal.aborted) this.#warn(event, error as Error)
      return { kind: 'deny', description: 'it could not be found out whether this is allowed' }
    }
  }

  /**
   * Sends all requests of an event, in order. A denial to a gate is the answer at once; otherwise the last answer that
   * does not simply allow counts.
   */
  async #send(event: CallbackKind, callback: Callback, signal?: AbortSignal): Promise<CallbackVerdict> {
    let verdict: CallbackVerdict = { kind: 'allow' }
    for (const url of this.#urls.of(event)) {
      for (const request of this.#format.requests(callback)) {
        const answer = this.#format.verdict(event, await this.#sender.send(url, request, signal))
        if (answer.kind === 'deny' && signal !== undefined) return answer
        if (answer.kind !== 'allow' || answer.user !== undefined) verdict = answer
      }
    }
    return verdict
  }

  async #tell(
    event: CallbackKind,
    connection: ConnectionInfo,
    about: Partial<Callback> & Pick<Callback, 'app' | 'query'>,
  ): Promise<void> {
    if (this.#urls.of(event).length === 0) return
    // The request is written now: when its turn in the queue comes, everything may have ended.
    const callback = this.#callback(event, connection, about)
    try {
      await this.#queue.run(connection, () => this.#send(event, callback))
    } catch (error) {
      this.#warn(event, error as Error)
    }
  }

  #callback(
    event: CallbackKind,
    connection: ConnectionInfo,
    about: Partial<Callback> & Pick<Callback, 'app' | 'query'>,
  ): Callback {
    const { app, query, rawQuery = '', streamName = '', publishingType = 'live', start = 'any', duration } = about
    const { principal = connection.principal, progress, recorded } = about
    const client = this.#clients.get(connection) ?? this.#clientOf({ connection, commandObject: {} })
    const common = { event, connection, client, app, streamName, principal, query, rawQuery }
    return { ...common, publishingType, start, duration, progress, recorded }
  }

  #clientOf({ commandObject }: Pick<ConnectEvent, 'connection' | 'commandObject'>): CallbackClient {
    this.#count += 1
    const text = (name: string) => (typeof commandObject[name] === 'string' ? commandObject[name] : '')
    const [, appQuery = ''] = /\?(.*)$/s.exec(text('app')) ?? []
    return { number: this.#count, connected: Date.now(), swfUrl: text('swfUrl'), pageUrl: text('pageUrl'), appQuery }
  }

  #identify(context: Context, user: string | undefined): void {
    if (user !== undefined) identify(context, user, this.name)
  }

  #refusal(what: Gate, verdict: CallbackVerdict): Denial {
    if (verdict.kind !== 'deny') {
      this.#warn(what, new Error(`the answer ${verdict.kind} can't be followed`))
    }
    return refuse(what, (verdict.kind === 'deny' && verdict.description) || 'not allowed')
  }

  /** Queries stay out of the log, and so do bodies. */
  #warn(event: CallbackKind, { message, name, code }: NodeJS.ErrnoException): void {
    this.#log.warn({ event, name, code, reason: message }, 'a callback failed')
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
 * @param log default the server's log
 * @throws TypeError for what is no http(s) URL, and for what the format does not have
 */
export function httpCallback(options: HttpCallbackOptions, log?: Logger): HttpCallback {
  return new HttpCallback(options, log)
}
