import {
  type ConnectionInfo,
  type PlayInfo,
  type RefusalEvent,
  type StreamRecording,
  type StreamRelay,
  type StreamView,
} from '@rtmpipe/session'
import type { Ids } from './ids.ts'
import type {
  AddressReport,
  ConnectionReport,
  PlayerReport,
  RecordingReport,
  RefusalReport,
  RelayReport,
  StreamReport,
} from './report.ts'
import { fullName, shownClient, shownUrl, streamId } from './shown.ts'

/** A player whose lag is longer does not keep up. Milliseconds. */
const slowLag = 500

/** Makes reports of what the server shows. Names are those of the log: what may be a key is left out. */
export class Describe {
  readonly #ids: Ids
  readonly #worker: { readonly worker?: number }

  constructor(ids: Ids, worker: number | undefined) {
    this.#ids = ids
    this.#worker = worker === undefined ? {} : { worker }
  }

  connection(connection: ConnectionInfo, publishes: readonly string[], plays: readonly string[]): ConnectionReport {
    const { id, transport, secure, remote, peerId, since, app, tcUrl } = connection
    const { flashVer, principal, bytesReceived, bytesSent } = connection
    const { roundTrip } = connection.estimate
    return {
      id,
      ...this.#worker,
      transport,
      secure,
      remote: addressOf(remote),
      ...(peerId !== undefined && { peerId }),
      since: since.toISOString(),
      app: fullName(app),
      tcUrl: shownUrl(tcUrl),
      client: shownClient(flashVer),
      ...(principal && { principal: principal.id }),
      received: bytesReceived,
      sent: bytesSent,
      ...(roundTrip !== undefined && { roundTrip }),
      publishes,
      plays,
    }
  }

  stream(stream: StreamView): StreamReport {
    const { app, name, isLive, isPublishing, origin, publisher, since, bytes, bitRate, codecs, viewers, timing } =
      stream
    return {
      id: streamId(app, name),
      ...this.#worker,
      app: fullName(app),
      name: fullName(name),
      isLive,
      isPublishing,
      ...(origin && { origin }),
      ...(publisher && { publisher: publisher.id }),
      ...(since && { since: since.toISOString() }),
      received: bytes,
      sent: stream.sent,
      bitRate: Math.round(bitRate),
      codecs,
      viewers,
      ...(timing.gop && { gop: timing.gop }),
      ...(timing.clockDrift !== undefined && { clockDrift: timing.clockDrift }),
      gaps: timing.gaps,
      ...(timing.lastGap && { lastGap: timing.lastGap.toISOString() }),
      recordings: [...stream.recordings].map(recording => this.recording(stream, recording)),
      relays: [...stream.relays].map(relay => this.relay(stream, relay)),
    }
  }

  player(play: PlayInfo): PlayerReport {
    const { connection, app, streamName, stream, since, bytes, lag, dropped } = play
    return {
      id: play.id,
      ...this.#worker,
      connection: connection.id,
      app: fullName(app),
      name: fullName(streamName),
      ...(stream && { stream: streamId(stream.app, stream.name) }),
      since: since.toISOString(),
      sent: bytes,
      lag: { bytes: lag.bytes, duration: Math.round(lag.duration) },
      dropped,
      isSlow: lag.duration > slowLag,
    }
  }

  recording({ app, name }: StreamView, recording: StreamRecording): RecordingReport {
    const { by, since, bytes } = recording
    return { id: this.#ids.of(recording), stream: streamId(app, name), by, since: since.toISOString(), bytes }
  }

  relay({ app, name }: StreamView, relay: StreamRelay): RelayReport {
    const { by, direction, url, state, stateSince, bytes, attempts, lastError } = relay
    return {
      id: this.#ids.of(relay),
      stream: streamId(app, name),
      by,
      direction,
      url: shownUrl(url),
      state,
      since: stateSince.toISOString(),
      bytes,
      attempts,
      ...(lastError !== undefined && { lastError }),
    }
  }

  /** The event has its keys left out already. */
  refusal(id: number, event: RefusalEvent): RefusalReport {
    const { what, connection, remote, app, streamName, sharedObject, plugin, code, reason } = event
    const name = streamName ?? sharedObject
    return {
      id,
      ...this.#worker,
      at: new Date().toISOString(),
      what,
      remote: addressOf(remote),
      client: shownClient(connection?.flashVer ?? ''),
      app: fullName(app),
      ...(name !== undefined && { name: fullName(name) }),
      ...(plugin !== undefined && { plugin }),
      code,
      reason,
    }
  }
}

function addressOf({ address, port }: AddressReport): AddressReport {
  return { address, port }
}
