/**
 * Spans of OpenTelemetry for connections, publishes, plays, and the hooks that they wait for.
 *
 * @example
 * ```ts
 * server.use(tracing())
 * ```
 *
 * It brings no SDK along: install `@opentelemetry/api`, and an SDK that sends the spans somewhere. Nothing is measured per
 * message, and no key or query is told.
 *
 * @packageDocumentation
 */
export { type SpanProvider, tracing, type TracingOptions } from './tracing.ts'
