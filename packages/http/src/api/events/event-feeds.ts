import type { Reports } from '../../report/reports.ts'
import type { ServerEvent } from '../../report/report.ts'
import { EventFeed } from './event-feed.ts'
import type { EventPlace } from './event-place.ts'
import { ReportSender } from './report-sender.ts'

/** Which events a client wants, and from where on. */
export interface Wanted {
  /** All types when there are none. */
  readonly types: ReadonlySet<string>
  readonly stream?: string | undefined
  /** Text of an {@link EventPlace}; without it what happens from now on. */
  readonly after?: string | undefined
  /** Seconds between reports, if some are wanted. */
  readonly report?: number | undefined
  /** Whose players are reported: id of a stream, or `*`. */
  readonly players?: string | undefined
}

/** What the clients of events may use up. */
export interface FeedLimits {
  readonly clients: number
  /** Bytes that wait for one client. */
  readonly buffered: number
}

/** Milliseconds between two signs of life, so that nobody on the way takes a quiet line for a dead one. */
const heartbeat = 15_000
/** Heartbeats after which a feed ends, so that who comes back has to show anew that it may. */
const maxBeats = 60
/** Milliseconds after which `EventSource` comes back. */
const retry = 2_000

/** All clients of events. */
export class EventFeeds {
  readonly #limits: FeedLimits
  /** With the heartbeats that each has had. */
  readonly #feeds = new Map<EventFeed, number>()
  /** Each event is written once, for however many. */
  readonly #texts = new WeakMap<ServerEvent, string>()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(limits: FeedLimits) {
    this.#limits = limits
  }

  get isFull(): boolean {
    return this.#isClosed || this.#feeds.size >= this.#limits.clients
  }

  /** The events of one client from now on. Check {@link isFull} before. */
  open(reports: Reports, place: EventPlace, wanted: Wanted): EventFeed {
    const feed = new EventFeed(this.#limits.buffered)
    this.#feeds.set(feed, 0)
    this.#timer ??= setInterval(() => this.#beat(), heartbeat).unref()
    const newest = newestOf(reports)
    const seen = wanted.after === undefined ? newest : place.idOf(wanted.after)
    // The id tells a client where it is before anything has happened.
    feed.send(`retry: ${retry}\nid: ${place.text(Math.min(seen ?? 0, newest))}\n\n`)
    // The server has begun anew since: nobody knows what was missed, but all that it knows is new.
    if (seen === undefined) feed.send(missed)
    const { report, players } = wanted
    const sender = report === undefined ? undefined : new ReportSender(reports, feed, report * 1000, players)
    let last = seen
    const stop = reports.follow(
      event => {
        if (last !== undefined && event.id > last + 1) feed.send(missed)
        // From here on there are no holes.
        last = undefined
        if (isWanted(event, wanted)) feed.send(this.#text(event, place))
        sender?.note(event)
      },
      Math.min(seen ?? 0, newest),
    )
    const leave = () => {
      stop()
      sender?.stop()
      this.#feeds.delete(feed)
      if (this.#feeds.size > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    // It may have been too slow for the past alone.
    if (feed.destroyed) leave()
    else feed.once('close', leave)
    return feed
  }

  /** Ends all of them. */
  close(): void {
    this.#isClosed = true
    for (const feed of this.#feeds.keys()) feed.finish()
  }

  #beat(): void {
    for (const [feed, beats] of this.#feeds) {
      this.#feeds.set(feed, beats + 1)
      if (beats + 1 < maxBeats) feed.send(': still here\n\n')
      else feed.finish()
    }
  }

  #text(event: ServerEvent, place: EventPlace): string {
    const known = this.#texts.get(event)
    if (known !== undefined) return known
    const text = `id: ${place.text(event.id)}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
    this.#texts.set(event, text)
    return text
  }
}

/** Tells that there are events that nobody can tell any more: whoever keeps a list reads it anew. */
const missed = 'event: missed\ndata: {}\n\n'

/** Number of the last event that has happened; 0 before there is one. */
function newestOf(reports: Reports): number {
  let newest = 0
  reports.follow(({ id }) => {
    newest = id
  }, 0)()
  return newest
}

function isWanted({ type, stream }: ServerEvent, wanted: Wanted): boolean {
  return (
    (wanted.types.size === 0 || wanted.types.has(type)) && (wanted.stream === undefined || stream === wanted.stream)
  )
}
