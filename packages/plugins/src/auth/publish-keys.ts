import type { Plugin } from '@rtmpipe/session'
import { type Action, refuse } from './action.ts'
import { matchesPath, streamPath } from './path-pattern.ts'
import { hashedSecret } from './secrets.ts'
import { streamGate } from './stream-gate.ts'

/** A key, and what it opens. */
export interface StreamKey {
  readonly key: string
  /** Patterns of `app/stream`: `*` is any characters but a slash, a part `**` any number of parts. Default everything. */
  readonly streams?: readonly string[]
}

export interface PublishKeysOptions {
  /** Any of them will do; at least one. */
  readonly keys: readonly (string | StreamKey)[]
  /** Who needs one. Default publishers alone. */
  readonly actions?: readonly Action[]
  /** Name of the query parameter, behind stream name or application. Default `key`. */
  readonly parameter?: string
}

/**
 * Static keys: `rtmp://host/live/name?key=KEY`. They are compared in constant time and never logged.
 *
 * @example
 * ```ts
 * server.use(publishKeys({ keys: ['6c1f0a', { key: 'e2b97d', streams: ['live/room-*'] }] }))
 * ```
 *
 * @throws TypeError without any key, or with an empty one
 */
export function publishKeys(options: PublishKeysOptions): Plugin {
  const { actions = ['publish'], parameter = 'key' } = options
  if (options.keys.length === 0) throw new TypeError('publishKeys needs at least one key')
  const keys = options.keys
    .map((key): StreamKey => (typeof key === 'string' ? { key } : key))
    .map(({ key, streams = ['**'] }) => ({ isKey: hashedSecret(key), streams }))
  return streamGate('publish-keys', actions, (action, event) => {
    const given = event.query.get(parameter)
    if (given === null) return refuse(action, `a ${parameter} is needed: name?${parameter}=…`)
    const path = streamPath(event)
    // All are tried, whichever it is.
    const opened = keys.filter(({ isKey }) => isKey(given)).flatMap(({ streams }) => streams)
    return opened.some(pattern => matchesPath(pattern, path)) ? undefined : refuse(action, `wrong ${parameter}`)
  })
}
