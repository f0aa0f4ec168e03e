import { type Bus, nobody } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
import { subjects } from '../wire/subjects.ts'
import { answerTimeout, maxQuestions } from './limits.ts'
import { type Answer, type Owner, parseAnswerMessage, questionMessage } from './messages.ts'
import { waitFor } from './waiting.ts'

/**
 * Asks the node that has a name whether it keeps it. When the servers know of no such node, it does not.
 *
 * @returns undefined when it is silent, or the waiting is aborted
 */
export async function askOwner(
  { node, claim }: Owner,
  sid: string,
  {
    bus,
    clock,
    signal,
    isFresh = () => false,
  }: {
    readonly bus: Bus
    readonly clock: Clock
    readonly signal: AbortSignal
    /** Whether the network is there only again, and the owner perhaps not yet: then it is asked once more. */
    readonly isFresh?: () => boolean
  },
): Promise<Answer | undefined> {
  const message = questionMessage({ sid, claim })
  return waitFor<Answer | undefined>(signal, resolve => {
    const ends: (() => void)[] = []
    let asked = 0
    let cancel = (): void => {}
    const ask = (): void => {
      if (asked === maxQuestions) return resolve(undefined)
      asked += 1
      cancel = clock.after(answerTimeout, ask)
      const take: Parameters<Bus['ask']>[2] = answer => {
        if (answer === nobody && isFresh()) return void (asked = 0)
        const word = answer === nobody ? 'free' : parseAnswerMessage(answer.payload)
        if (word !== undefined) resolve(word)
      }
      ends.push(bus.ask(subjects.node(node), message, take))
    }
    ask()
    return () => {
      cancel()
      for (const end of ends) end()
    }
  })
}
