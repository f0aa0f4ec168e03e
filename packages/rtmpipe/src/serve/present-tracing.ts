import type { Plugin } from '@rtmpipe/session'

/** Spans for whoever has an SDK of OpenTelemetry beside rtmpipe, registered before the server starts; nothing otherwise. */
export async function presentTracing(): Promise<Plugin | undefined> {
  const api = await import('@opentelemetry/api').catch(() => undefined)
  const provider = api?.trace.getTracerProvider() as { getDelegateTracer?(name: string): unknown } | undefined
  // The stand-in of the API has nobody to hand spans to until an SDK is there.
  const isHeard = provider !== undefined && provider.getDelegateTracer?.('rtmpipe') !== undefined
  return isHeard ? (await import('@rtmpipe/plugins/tracing')).tracing() : undefined
}
