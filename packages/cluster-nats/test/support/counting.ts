import type { Bus, Carrier } from '../../src/contract/bus.ts'
import type { Clock } from '../../src/contract/clock.ts'

/** Counts what is begun on a network and not ended. */
export class Counting {
  timers = 0
  subscriptions = 0
  questions = 0
  listeners = 0

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
    const both = (name: 'listeners' | 'questions' | 'subscriptions', end: () => void) => {
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

  #begin(name: 'listeners' | 'questions' | 'subscriptions' | 'timers'): () => void {
    this[name] += 1
    let isOver = false
    return () => {
      if (!isOver) this[name] -= 1
      isOver = true
    }
  }
}
