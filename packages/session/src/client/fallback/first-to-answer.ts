import { answered } from './answered.ts'
import type { ConnectAttempt } from '../../contract/connect-attempt.ts'
import type { MessageConnection } from '../../contract/message-connection.ts'
import { connectedBy } from './attempts-text.ts'
import { FallbackError } from './fallback-error.ts'
import type { FallbackList } from './fallback-list.ts'
import { placeOf } from './place-of.ts'
import { Race } from './race.ts'
import { Winners } from './winners.ts'

/** Milliseconds after which the next way is tried beside the others. */
const stagger = 300

const winners = new Winners()

/** How {@link firstToAnswer} dials. */
export interface Dialling {
  readonly list: FallbackList
  /** Whether there is a transport for a scheme. */
  knows(scheme: string): boolean
  dial(url: URL, signal: AbortSignal): Promise<MessageConnection>
  /** Aborted by the user; `signal` is aborted when the time is over too. */
  readonly userSignal: AbortSignal | undefined
}

/**
 * The connection on which a server has answered the handshake first, of all ways that the list has to `target`. The
 * others are closed, and were told nothing of the URL.
 *
 * @throws FallbackError when none answers in time, the reason of `userSignal`
 */
export async function firstToAnswer(
  target: URL,
  { list, knows, dial, userSignal }: Dialling,
  signal: AbortSignal,
): Promise<MessageConnection & { readonly attempts: readonly ConnectAttempt[] }> {
  const { ways, refused } = list.waysTo(target, knows)
  const server = placeOf(target)
  // Only if this list has it: what was good for another one may not be encrypted.
  const isLast = (way: URL) => placeOf(way) === winners.of(server)
  const race = new Race({
    ways: [...ways.filter(isLast), ...ways.filter(way => !isLast(way))],
    name: placeOf,
    begin: async (way, attempt) => {
      const either = AbortSignal.any([signal, attempt])
      return answered(await dial(way, either), either)
    },
    discard: late => void late.destroy(),
    stagger,
  })
  const failed = (options?: ErrorOptions) => {
    winners.forget(server)
    return new FallbackError([...race.attempts, ...refused], options)
  }
  let connection: MessageConnection | undefined
  try {
    connection = await race.run(signal)
  } catch (reason) {
    throw userSignal?.aborted === true ? reason : failed({ cause: reason })
  }
  if (connection === undefined) throw failed()
  const { attempts } = race
  winners.set(server, connectedBy(attempts)?.url ?? server)
  return Object.assign(connection, { attempts: [...attempts, ...refused] })
}
