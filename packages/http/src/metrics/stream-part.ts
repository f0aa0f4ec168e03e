import { Counter, Gauge, type Registry } from 'prom-client'
import { type ServerView, shownName, type StreamView } from '@rtmpipe/session'
import { cut } from './bounded-label.ts'
import type { Part } from './part.ts'

/** Series of each stream, of so many streams: for those who have few of them and ask for it. */
export class StreamPart implements Part {
  readonly #server: ServerView
  readonly #maxStreams: number
  readonly #received: Counter<'app' | 'stream'>
  readonly #sent: Counter<'app' | 'stream'>
  readonly #players: Gauge<'app' | 'stream'>
  readonly #omitted: Gauge

  constructor(registry: Registry, server: ServerView, maxStreams: number) {
    const of = { labelNames: ['app', 'stream'] as const, registers: [registry] }
    this.#server = server
    this.#maxStreams = maxStreams
    this.#received = new Counter({
      name: 'rtmpipe_stream_received_bytes_total',
      help: 'Audio, video and data of the present publish.',
      ...of,
    })
    this.#sent = new Counter({
      name: 'rtmpipe_stream_sent_bytes_total',
      help: 'What players of the stream have been sent.',
      ...of,
    })
    this.#players = new Gauge({ name: 'rtmpipe_stream_players', help: 'Players of the stream.', ...of })
    this.#omitted = new Gauge({
      name: 'rtmpipe_streams_omitted',
      help: 'Live streams beyond the limit, which have no series of their own.',
      registers: [registry],
    })
  }

  read(): void {
    this.#received.reset()
    this.#sent.reset()
    this.#players.reset()
    let shown = 0
    let omitted = 0
    // The oldest come first, so that it is the same ones at every scrape.
    for (const stream of this.#server.streams) {
      if (!stream.isLive) continue
      if (shown < this.#maxStreams) {
        shown += 1
        this.#show(stream)
      } else omitted += 1
    }
    this.#omitted.set(omitted)
  }

  /** Names that look the same once keys are masked are shown as one. */
  #show(stream: StreamView): void {
    const labels = { app: cut(stream.app), stream: shownName(stream.name) }
    // What is supplied was counted where it comes from: in another of several processes, most often.
    if (stream.origin !== 'supply') this.#received.inc(labels, stream.bytes)
    this.#sent.inc(labels, stream.sent)
    this.#players.inc(labels, stream.viewers)
  }
}
