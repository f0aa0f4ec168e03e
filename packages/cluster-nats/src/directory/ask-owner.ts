import { type Bus, nobody } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
import { subjects } from '../wire/subjects.ts'
import { answerTimeout, maxQuestions, maxUnknownPause, unknownPause } from './limits.ts'
import { type Answer, type Owner, parseAnswerMessage, questionMessage } from './messages.ts'
import { waitFor } from './waiting.ts'

/** What asking is done with. */
export interface Asking {
  readonly bus: Bus
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Whether it is gone for good that the servers have not known since then; until it is, it is asked again and again. */
  isGone(since: number): boolean
}

/**
 * Asks the node that has a name whether it keeps it.
 *
 * @returns `gone` when the servers know of no such node; undefined when it is silent, or the waiting is aborted
 */
export async function askOwner(
  { node, claim }: Owner,
  sid: string,
  { bus, clock, signal, isGone }: Asking,
): Promise<Answer | 'gone' | undefined> {
  const message = questionMessage({ sid, claim })
  return waitFor<Answer | 'gone' | undefined>(signal, resolve => {
    const ends: (() => void)[] = []
    let asked = 0
    let unknownSince: number | undefined
    let cancel = (): void => {}
    const askLater = (milliseconds: number): void => {
      cancel()
      cancel = clock.after(milliseconds, ask)
    }
    const takeNobody = (): void => {
      unknownSince ??= clock.now()
      if (isGone(unknownSince)) return resolve('gone')
      // The servers answer: its own silence is counted anew.
      asked = 0
      askLater(Math.min(maxUnknownPause, Math.max(unknownPause, (clock.now() - unknownSince) / 4)))
    }
    const ask = (): void => {
      if (asked === maxQuestions) return resolve(undefined)
      asked += 1
      askLater(answerTimeout)
      const end = bus.ask(subjects.node(node), message, answer => {
        if (answer === nobody) return takeNobody()
        const word = parseAnswerMessage(answer.payload)
        if (word !== undefined) resolve(word)
      })
      ends.push(end)
    }
    ask()
    return () => {
      cancel()
      for (const end of ends) end()
    }
  })
}
