import { checkOptions, type Denial, type PlayEvent, type PublishEvent } from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../inject.ts'
import { type Action, refuseUnknown } from './action.ts'
import { matchesPath, streamPath } from './path-pattern.ts'
import { identify } from '../principal.ts'
import { hashedSecret, secretId } from '../secrets.ts'
import { StreamGate } from './stream-gate.ts'
import { publishKeysDefaults } from './defaults.ts'

/** A key, and what it opens. */
export interface StreamKey {
  /** Compared in constant time. */
  readonly key: string
  /**
   * Patterns of `app/stream`: `*` is any characters but a slash, a part `**` any number of parts. Default everything.
   */
  readonly streams?: readonly string[]
}

/** Which keys are accepted, and which actions need one. */
export interface PublishKeysOptions {
  /** The keys, at least one; a client needs one of them. */
  readonly keys: readonly (string | StreamKey)[]
  /** Actions that need a key. Default publish alone. */
  readonly actions?: readonly Action[]
  /** Name of the query parameter, behind stream name or application. Default `key`. */
  readonly parameter?: string
}

const known: Record<keyof PublishKeysOptions, true> = { keys: true, actions: true, parameter: true }
const knownOfKey: Record<keyof StreamKey, true> = { key: true, streams: true }

/** Options of {@link PublishKeys} where it is given as a class. */
export const PUBLISH_KEYS_OPTIONS: InjectionToken<PublishKeysOptions> = Symbol.for('rtmpipe.PublishKeysOptions')

/** Lets in clients that know a key. */
export class PublishKeys extends StreamGate {
  readonly name = 'publish-keys'
  readonly #parameter: string
  readonly #keys: readonly { isKey(candidate: string): boolean; readonly streams: readonly string[] }[]

  constructor(@inject(PUBLISH_KEYS_OPTIONS) options: PublishKeysOptions) {
    super(options.actions ?? publishKeysDefaults.actions)
    checkOptions('publishKeys()', options, known)
    if (options.keys.length === 0) throw new TypeError('publishKeys needs at least one key')
    this.#parameter = options.parameter ?? publishKeysDefaults.parameter
    for (const key of options.keys) if (typeof key !== 'string') checkOptions('publishKeys().keys', key, knownOfKey)
    this.#keys = options.keys
      .map((key): StreamKey => (typeof key === 'string' ? { key } : key))
      .map(({ key, streams = publishKeysDefaults.streams }) => ({ isKey: hashedSecret(key), streams }))
  }

  protected override check(action: Action, event: PublishEvent | PlayEvent): Denial | undefined {
    const given = event.query.get(this.#parameter)
    if (given === null) return refuseUnknown(action, `a ${this.#parameter} is needed: name?${this.#parameter}=…`)
    const path = streamPath(event)
    // All keys are compared, so that the time does not tell which one matched.
    const opened = this.#keys.filter(({ isKey }) => isKey(given)).flatMap(({ streams }) => streams)
    if (!opened.some(pattern => matchesPath(pattern, path))) return refuseUnknown(action, `wrong ${this.#parameter}`)
    identify(event.context, secretId(given), this.name)
    return undefined
  }
}

/**
 * Static keys: `rtmp://host/live/name?key=KEY`. They are compared in constant time and never logged: the principal of
 * who has one is 16 digits of a hash.
 *
 * @example
 * ```ts
 * server.use(publishKeys({ keys: ['6c1f0a', { key: 'e2b97d', streams: ['live/room-*'] }] }))
 * ```
 *
 * @throws UsageError `RTMP_ERR_USAGE` for options that do not exist, TypeError without any key, or with an empty one
 */
export function publishKeys(options: PublishKeysOptions): PublishKeys {
  return new PublishKeys(options)
}
