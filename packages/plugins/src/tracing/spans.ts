import type * as Api from '@opentelemetry/api'
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api'
import type { ConnectionInfo, GateTiming, PlayInfo, PublishInfo, RefusalEvent } from '@rtmpipe/session'
import { connectionAttributes, errorType, remoteAttributes, streamAttributes } from './attributes.ts'

/** A span of a connection, and those within it. */
interface Opened {
  readonly span: Span
  /** What makes other spans its children. */
  readonly context: Context
}

/**
 * Makes spans out of what a server tells. The span of a connection is made when there is something to put into it, and
 * begins when the connection did.
 */
export class Spans {
  readonly #api: typeof Api
  readonly #tracer: Tracer
  readonly #connections = new WeakMap<ConnectionInfo, Opened>()
  readonly #streams = new WeakMap<PublishInfo | PlayInfo, Span>()

  private constructor(api: typeof Api, tracer: Tracer) {
    this.#api = api
    this.#tracer = tracer
  }

  /** @throws Error where `@opentelemetry/api` is not installed */
  static async open(provider?: { getTracer(name: string): unknown }): Promise<Spans> {
    const api = await import('@opentelemetry/api').catch((cause: unknown) => {
      throw new Error('tracing() needs OpenTelemetry: npm install @opentelemetry/api, and an SDK', { cause })
    })
    return new Spans(api, (provider ?? api.trace).getTracer('rtmpipe') as Tracer)
  }

  /** A publish or play has begun. */
  begin(name: 'publish' | 'play', info: PublishInfo | PlayInfo): void {
    this.#streams.set(
      info,
      this.#tracer.startSpan(name, { attributes: streamAttributes(info) }, this.#within(info.connection)),
    )
  }

  /** It has ended. */
  end(info: PublishInfo | PlayInfo, counts: Attributes, error?: Error): void {
    const span = this.#streams.get(info)
    this.#streams.delete(info)
    span?.setAttributes(counts)
    this.#close(span, error && errorType(error))
  }

  /** A plugin has been asked, and has answered. */
  gate({ hook, plugin, duration, result, code, connection }: GateTiming): void {
    const end = Date.now()
    const attributes = { 'rtmp.plugin': plugin, 'rtmp.gate.result': result }
    const span = this.#tracer.startSpan(hook, { startTime: end - duration, attributes }, this.#within(connection))
    this.#close(span, result === 'allowed' ? undefined : (code ?? result), end)
    // The client has left before it was let in: nothing else will tell of its end.
    if (result === 'abandoned' && hook.startsWith('onConnect')) this.endConnection(connection)
  }

  /** Somebody was not let in. Who could not even connect has no span but this one. */
  refusal({ what, connection, remote, transport, app, streamName, plugin, code }: RefusalEvent): void {
    const attributes = { ...(plugin !== undefined && { 'rtmp.plugin': plugin }) }
    if (what === 'connect' && connection !== undefined) {
      this.#of(connection).span.setAttributes({ ...attributes, 'rtmp.app': app })
      return this.endConnection(connection, { code })
    }
    const about = {
      ...remoteAttributes(remote, transport),
      'rtmp.app': app,
      ...(streamName !== undefined && { 'rtmp.stream.name': streamName }),
    }
    const within = connection === undefined ? this.#api.ROOT_CONTEXT : this.#within(connection)
    this.#close(this.#tracer.startSpan(what, { attributes: { ...about, ...attributes } }, within), code)
  }

  /** A connection has gone. */
  endConnection(connection: ConnectionInfo, error?: object): void {
    const { span } = this.#of(connection)
    this.#connections.delete(connection)
    // Now that `connect` has told them.
    span.setAttributes(connectionAttributes(connection))
    span.setAttributes({ 'rtmp.received': connection.bytesReceived, 'rtmp.sent': connection.bytesSent })
    this.#close(span, error && errorType(error))
  }

  #within(connection: ConnectionInfo): Context {
    return this.#of(connection).context
  }

  #of(connection: ConnectionInfo): Opened {
    const before = this.#connections.get(connection)
    if (before !== undefined) return before
    const { trace, SpanKind, ROOT_CONTEXT } = this.#api
    const options = { kind: SpanKind.SERVER, startTime: connection.since, attributes: connectionAttributes(connection) }
    const span = this.#tracer.startSpan('connect', options, ROOT_CONTEXT)
    const opened = { span, context: trace.setSpan(ROOT_CONTEXT, span) }
    this.#connections.set(connection, opened)
    return opened
  }

  #close(span: Span | undefined, error: string | undefined, at?: number): void {
    if (error !== undefined) span?.setAttribute('error.type', error).setStatus({ code: this.#api.SpanStatusCode.ERROR })
    span?.end(at)
  }
}
