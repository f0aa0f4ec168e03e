import type { RelayPush } from '@rtmpipe/plugins/relay'
import type {
  ConnectEvent,
  ConnectionInfo,
  Denial,
  Host,
  Logger,
  Plugin,
  PublishEvent,
  StreamView,
} from '@rtmpipe/session'

/**
 * Offers to relay live streams without a section `relay.push`: for whoever steers the server, who needs no configuration
 * for that. The code of relays is loaded by the first one.
 */
export class RelayOnDemand implements Plugin {
  readonly name = 'relay-push'
  readonly #log: Logger
  #loading: Promise<RelayPush> | undefined
  #relay: RelayPush | undefined
  /** Connections of other servers' relays that came before: they say where their streams have been. */
  readonly #early = new Map<ConnectionInfo, ConnectEvent>()

  constructor(log: Logger) {
    this.#log = log
  }

  setup(host: Host): void {
    host.offer('relay', async (stream, url) => {
      this.#loading ??= this.#load()
      return (await this.#loading).relay(stream, url)
    })
  }

  onConnect(event: ConnectEvent): void {
    if (this.#relay !== undefined) this.#relay.onConnect(event)
    else if (event.commandObject['relayPath'] !== undefined) this.#note(event)
  }

  onPublish(event: PublishEvent): Denial | undefined {
    return this.#relay?.onPublish(event)
  }

  onStreamEnd(stream: StreamView): void {
    this.#relay?.onStreamEnd(stream)
  }

  async onClose(): Promise<void> {
    await (await this.#loading)?.onClose()
  }

  #note(event: ConnectEvent): void {
    const { connection } = event
    this.#early.set(connection, event)
    connection.signal.addEventListener('abort', () => this.#early.delete(connection), { once: true })
  }

  async #load(): Promise<RelayPush> {
    const [{ relayPush }, { connect }] = await Promise.all([import('@rtmpipe/plugins/relay'), import('../connect.ts')])
    const relay = relayPush({ connect, log: this.#log })
    for (const event of this.#early.values()) relay.onConnect(event)
    this.#early.clear()
    this.#relay = relay
    return relay
  }
}
