import { type ContextKey, contextKey } from './context.ts'

/** Who somebody has proved to be. Two are the same if both fields are. */
export interface Principal {
  /** A user's name, or what stands for a key. It is logged and told to web servers: no secret in it. */
  readonly id: string
  /** Name of the plugin that found it out. */
  readonly by: string
}

/**
 * Where a plugin that lets somebody in puts who it is: `context.set(PRINCIPAL, { id: 'studio', by: this.name })`. If
 * several do so for the same publish or play, the last one counts.
 */
export const PRINCIPAL: ContextKey<Principal> = contextKey('principal')
