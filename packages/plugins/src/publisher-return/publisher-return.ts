import {
  type Awaitable,
  checkOptions,
  type Denial,
  deny,
  type LastAct,
  type Plugin,
  type PublishEvent,
  type PublishInfo,
  status,
  streamKey,
} from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../inject.ts'
import { Seat } from './seat.ts'
import { publisherReturnDefaults } from './defaults.ts'

/**
 * - `refuse`: the second publisher is refused
 * - `takeover`: the second publisher takes the place of the first
 * - `resume`: the same; and when a publisher leaves, players wait for the next
 */
export type ReturnPolicy = 'refuse' | 'takeover' | 'resume'

/** What happens when a name is taken. */
export interface PublisherReturnOptions {
  /** Which publisher gets a name that is taken. */
  readonly policy: ReturnPolicy
  /** Milliseconds that players wait for the next publisher, with `resume`. Default 10,000. */
  readonly grace?: number
  /**
   * Whether a newcomer may take the place of the publisher `before`, which publishes or is expected back. Default:
   * every newcomer that the gates let in; `sameCredentials` is stricter.
   */
  readonly mayReturn?: (event: PublishEvent, before: PublishInfo) => Awaitable<boolean>
}

const known: Record<keyof PublisherReturnOptions, true> = { policy: true, grace: true, mayReturn: true }

const policies: readonly ReturnPolicy[] = ['refuse', 'takeover', 'resume']

/** Milliseconds that a newcomer has to begin after the publisher before it was ended. */
const takeoverTimeout = 5_000

const takenOver = status('NetStream.Publish.BadName', 'another publisher has taken over')

/** Options of {@link PublisherReturn} where it is given as a class. */
export const PUBLISHER_RETURN_OPTIONS: InjectionToken<PublisherReturnOptions> = Symbol.for(
  'rtmpipe.PublisherReturnOptions',
)

/** Decides about publishers of a name that is taken. Made by {@link publisherReturn}. */
export class PublisherReturn implements Plugin {
  readonly name = 'publisher-return'
  readonly #options: Required<PublisherReturnOptions>
  readonly #seats = new Map<string, Seat>()
  /** Who publishes, with `refuse`: the session may give the name of one that has fallen silent to a newcomer. */
  readonly #holders = new Map<string, PublishInfo>()
  /** Publishes that were ended for a newcomer. */
  readonly #leaving = new WeakSet<PublishInfo>()

  constructor(@inject(PUBLISHER_RETURN_OPTIONS) options: PublisherReturnOptions) {
    checkOptions('publisherReturn()', options, known)
    const { policy, grace = publisherReturnDefaults.grace, mayReturn = () => true } = options
    if (!policies.includes(policy)) throw new TypeError(`policy: ${String(policy)} is none`)
    this.#options = { policy, grace, mayReturn }
  }

  async onPublishAccepted(event: PublishEvent): Promise<Denial | LastAct<PublishEvent> | undefined> {
    const seat = this.#seats.get(streamKey(event))
    const holder = seat?.holder ?? this.#holders.get(streamKey(event))
    if (holder === undefined) return undefined
    if (!(await this.#options.mayReturn(event, holder)))
      return deny('NetStream.Publish.BadName', `${event.streamName} is taken by another publisher`)
    return seat && { whenAgreed: agreed => this.#end(holder, seat, agreed) }
  }

  onPublishStart(info: PublishInfo): void {
    // The session refuses the second publisher.
    if (this.#options.policy === 'refuse') return void this.#holders.set(streamKey(info), info)
    const seat = this.#seats.get(streamKey(info))
    if (seat === undefined) this.#seats.set(streamKey(info), new Seat(info))
    else seat.take(info)
  }

  onPublishEnd(info: PublishInfo): void {
    const key = streamKey(info)
    if (this.#holders.get(key) === info) this.#holders.delete(key)
    const seat = this.#seats.get(key)
    if (seat?.holder !== info) return
    const { policy, grace } = this.#options
    const wait = Math.max(policy === 'resume' ? grace : 0, this.#leaving.has(info) ? takeoverTimeout : 0)
    seat.leave(wait, () => this.#close(key, seat))
  }

  onClose(): void {
    for (const [key, seat] of this.#seats) this.#close(key, seat)
  }

  async #end(holder: PublishInfo, seat: Seat, { connection, signal }: PublishEvent): Promise<void> {
    signal.throwIfAborted()
    if (!seat.isTaken || seat.holder !== holder) return
    this.#leaving.add(holder)
    holder.end(takenOver)
    if (holder.connection !== connection) holder.connection.end()
    await seat.left()
  }

  #close(key: string, seat: Seat): void {
    if (this.#seats.get(key) === seat) this.#seats.delete(key)
    seat.close()
  }
}

/**
 * Decides about publishers of a name that is taken. Nobody is ended before all other plugins have let the newcomer in,
 * wherever they stand in the list, except a cluster, which has to stand behind this plugin. Players and relays that stay see
 * one stream whose time goes on, with a discontinuity mark and new headers where publishers changed; subscriptions without
 * `follow`, such as a recorder's, end with each publisher.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for options that do not exist and times below 0, TypeError for a policy that does not exist
 */
export function publisherReturn(options: PublisherReturnOptions): PublisherReturn {
  return new PublisherReturn(options)
}
