import { checkOptions, type Plugin } from '@rtmpipe/session'
import { Spans } from './spans.ts'

/** A `TracerProvider` of OpenTelemetry. */
export interface SpanProvider {
  /** What makes spans. */
  getTracer(name: string): unknown
}

/** Options of {@link tracing}. */
export interface TracingOptions {
  /** Where spans go. Default the one that the SDK has registered for all. */
  readonly provider?: SpanProvider | undefined
}

const optionNames: Record<keyof TracingOptions, true> = { provider: true }

/**
 * Spans for connections, publishes and plays, from their beginning to their end, for the gates and commits of plugins, and
 * for who was not let in. Without a registered SDK they go nowhere.
 *
 * Set-up fails where `@opentelemetry/api` is not installed.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for an option that does not exist
 */
export function tracing(options: TracingOptions = {}): Plugin {
  checkOptions('tracing()', options, optionNames)
  let spans: Spans | undefined
  return {
    name: 'tracing',
    async setup() {
      spans = await Spans.open(options.provider)
    },
    onGate: timing => spans?.gate(timing),
    onRefusal: event => spans?.refusal(event),
    onPublishStart: info => spans?.begin('publish', info),
    onPublishEnd: (info, { error }) => spans?.end(info, { 'rtmp.received': info.stream.bytes }, error),
    onPlayStart: info => spans?.begin('play', info),
    onPlayEnd: (info, { error }) => spans?.end(info, { 'rtmp.sent': info.bytes, 'rtmp.dropped': info.dropped }, error),
    onDisconnect: ({ connection, error }) => spans?.endConnection(connection, error),
  }
}
