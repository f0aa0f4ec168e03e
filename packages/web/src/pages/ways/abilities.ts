import type { Abilities, Offered } from './ways.ts'

/** What this browser has. */
export function abilities(): Abilities {
  return {
    isSecure: isSecureContext,
    webCodecs: typeof VideoDecoder !== 'undefined' && typeof AudioDecoder !== 'undefined',
    mediaSource: typeof MediaSource !== 'undefined',
    managedMediaSource: 'ManagedMediaSource' in globalThis,
    nativeHls: document.createElement('video').canPlayType('application/vnd.apple.mpegurl') !== '',
  }
}

/** What the server has for viewers over HTTP; nothing, if it does not say. */
export async function offered(): Promise<Offered> {
  try {
    const answer = await fetch('/rtmpipe/views', { signal: AbortSignal.timeout(10_000) })
    if (answer.ok) return (await answer.json()) as Offered
  } catch {
    // The player says itself that the server does not answer.
  }
  return { flv: false, hls: false }
}
