import {
  type Awaitable,
  deny,
  type Denial,
  type EndReason,
  type Plugin,
  type PublishEvent,
  type PublishInfo,
  status,
} from '@rtmpipe/session'
import { Seat } from './seat.ts'

/**
 * - `refuse`: who comes second is refused
 * - `takeover`: who comes second takes the place of the first
 * - `resume`: the same; and when a publisher leaves, players wait for the next
 */
export type ReturnPolicy = 'refuse' | 'takeover' | 'resume'

export interface PublisherReturnOptions {
  readonly policy: ReturnPolicy
  /** Milliseconds that players wait for the next publisher, with `resume`. Default 10,000. */
  readonly grace?: number
  /**
   * Whether a newcomer may take the place of that one, who publishes or is expected back. Default whoever the gates let in;
   * `sameCredentials` is stricter.
   */
  readonly mayReturn?: (event: PublishEvent, before: PublishInfo) => Awaitable<boolean>
}

/** Milliseconds for a newcomer to begin, once the one before was ended for it. */
const takeoverTimeout = 5_000

const takenOver = status('NetStream.Publish.BadName', 'another publisher has taken over')

/**
 * Decides about publishers of a name that is taken. Use it after the plugins that decide who may publish and that rename
 * streams. Players and relays that stay see one stream whose time goes on, with a discontinuity mark and new headers where
 * publishers changed; subscriptions without `follow`, such as a recorder's, end with each publisher.
 *
 * @throws TypeError for a policy that does not exist
 */
export function publisherReturn(options: PublisherReturnOptions): Plugin {
  const { policy, grace = 10_000, mayReturn = () => true } = options
  const name = 'publisher-return'
  if (policy === 'refuse') return { name }
  if (policy !== 'takeover' && policy !== 'resume') throw new TypeError(`policy: ${String(policy)} is none`)
  if (!(grace >= 0)) throw new TypeError(`grace: ${grace} is no time in milliseconds`)
  const seats = new Map<string, Seat>()
  const close = (key: string, seat: Seat) => {
    if (seats.get(key) === seat) seats.delete(key)
    seat.close()
  }
  /** Ended for a newcomer. */
  const leaving = new WeakSet<PublishInfo>()

  return {
    name,
    async onPublish(event): Promise<Denial | undefined> {
      const seat = seats.get(keyOf(event))
      if (seat === undefined) return undefined
      const { holder } = seat
      if (!(await mayReturn(event, holder)))
        return deny('NetStream.Publish.BadName', `${event.streamName} is taken by another publisher`)
      event.signal.throwIfAborted()
      if (!seat.isTaken || seat.holder !== holder) return undefined
      leaving.add(holder)
      holder.end(takenOver)
      if (holder.connection !== event.connection) holder.connection.end()
      await seat.left()
      return undefined
    },
    onPublishStart(info): void {
      const seat = seats.get(keyOf(info))
      if (seat === undefined) seats.set(keyOf(info), new Seat(info))
      else seat.take(info)
    },
    onPublishEnd(info: PublishInfo, _reason: EndReason): void {
      const key = keyOf(info)
      const seat = seats.get(key)
      if (seat?.holder !== info) return
      const wait = Math.max(policy === 'resume' ? grace : 0, leaving.has(info) ? takeoverTimeout : 0)
      seat.leave(wait, () => close(key, seat))
    },
    onClose(): void {
      for (const [key, seat] of seats) close(key, seat)
    },
  }
}

// Names can't contain NUL.
function keyOf({ app, streamName }: { readonly app: string; readonly streamName: string }): string {
  return `${app}\0${streamName}`
}
