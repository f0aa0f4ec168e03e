import type { Readable } from 'node:stream'

/** Destroys a source. An error of opening it, which may come only now, does not matter any more. */
export function discardSource(messages: Readable): void {
  messages.on('error', () => {})
  messages.destroy()
}

/** Destroys what a `sourcePlay` hook answered too late. A shared source has not been opened yet. */
export function discardAnswer(answer: unknown): void {
  const messages = (answer as { readonly messages?: unknown } | null | undefined)?.messages ?? answer
  if (typeof (messages as Partial<Readable> | null | undefined)?.pipe === 'function')
    discardSource(messages as Readable)
}
