/**
 * `@rtmpipe/plugins/tracing`, spans of OpenTelemetry: for whoever has installed `rtmpipe` alone.
 *
 * @packageDocumentation
 */
export * from '@rtmpipe/plugins/tracing'
