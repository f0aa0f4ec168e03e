import type { AmfObject } from '@rtmpipe/amf'
import type { ConnectEvent, ConnectionInfo } from '@rtmpipe/session'
import { randomBytes } from 'node:crypto'

const field = 'relayPath'
/** Most relays in a chain; real ones are shorter. */
const maxRelays = 16
const maxLength = 512

/**
 * The relays that a stream has passed through. Each relay adds its id to a field of `connect` when it connects to
 * another server, and refuses streams that have its own id.
 */
export class RelayPath {
  readonly #id = randomBytes(9).toString('base64url')
  readonly #paths = new WeakMap<ConnectionInfo, readonly string[]>()

  /** To be told of every `connect`. */
  note({ connection, commandObject }: Pick<ConnectEvent, 'connection' | 'commandObject'>): void {
    const path = commandObject[field]
    if (typeof path === 'string' && path !== '') this.#paths.set(connection, path.slice(0, maxLength).split(','))
  }

  /** True of a connection that would bring a stream back, or whose chain of relays is too long. */
  isLoop(connection: ConnectionInfo): boolean {
    const path = this.#paths.get(connection) ?? []
    return path.includes(this.#id) || path.length >= maxRelays
  }

  /**
   * Fields of `connect` for a stream that came, or is wanted, over that connection.
   *
   * @param connection undefined when the stream came over none
   */
  propertiesFor(connection: ConnectionInfo | undefined): AmfObject {
    const path = connection && this.#paths.get(connection)
    return { [field]: [...(path ?? []), this.#id].join(',') }
  }
}
