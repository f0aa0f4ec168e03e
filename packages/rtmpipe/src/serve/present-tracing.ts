import type { Plugin } from '@rtmpipe/session'

/** Spans for whoever has installed OpenTelemetry beside rtmpipe; nothing otherwise. */
export async function presentTracing(): Promise<Plugin | undefined> {
  const isPresent = await import('@opentelemetry/api').then(
    () => true,
    () => false,
  )
  return isPresent ? (await import('@rtmpipe/plugins/tracing')).tracing() : undefined
}
