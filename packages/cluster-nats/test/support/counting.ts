import type { Bus, Carrier } from '../../src/contract/bus.ts'
import type { Clock } from '../../src/contract/clock.ts'

type Counted = 'listeners' | 'questions' | 'subscriptions' | 'timers'

/** Counts what is begun on a network and not ended. */
export class Counting {
  readonly #counts = { timers: 0, subscriptions: 0, questions: 0, listeners: 0 }

  get all(): Readonly<Record<Counted, number>> {
    return { ...this.#counts }
  }

  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      random: () => clock.random(),
      after: (milliseconds, run) => {
        const end = this.#begin('timers')
        const cancel = clock.after(milliseconds, () => {
          end()
          run()
        })
        return () => {
          cancel()
          end()
        }
      },
    }
  }

  carrier({ control, media }: Carrier): Carrier {
    const buses = new Map<Bus, Bus>()
    const counted = (bus: Bus): Bus => {
      const known = buses.get(bus) ?? this.#bus(bus)
      buses.set(bus, known)
      return known
    }
    return { control: counted(control), media: sid => counted(media(sid)) }
  }

  #bus(bus: Bus): Bus {
    const both = (name: Counted, end: () => void) => {
      const uncount = this.#begin(name)
      return () => {
        end()
        uncount()
      }
    }
    return {
      get isUp() {
        return bus.isUp
      },
      publish: (subject, payload) => bus.publish(subject, payload),
      flush: () => bus.flush(),
      subscribe: (subject, take) => both('subscriptions', bus.subscribe(subject, take)),
      ask: (subject, payload, take) => both('questions', bus.ask(subject, payload, take)),
      onUp: listener => both('listeners', bus.onUp(listener)),
    }
  }

  #begin(name: Counted): () => void {
    this.#counts[name] += 1
    let isOver = false
    return () => {
      if (!isOver) this.#counts[name] -= 1
      isOver = true
    }
  }
}
