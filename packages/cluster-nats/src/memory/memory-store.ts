import type { Clock } from '../contract/clock.ts'
import type { Store, StoreEntry } from '../contract/store.ts'
import { DirectoryDownError } from '../errors.ts'
import type { MemoryBus } from './memory-bus.ts'
import type { MemoryMap } from './memory-map.ts'
import type { Wires } from './wires.ts'

/** After which an answer is not waited for any longer. Milliseconds. */
const storeTimeout = 1_000

/** A store as a process sees it: over its connection. */
export class MemoryStore implements Store {
  readonly #map: MemoryMap
  readonly #bus: MemoryBus
  readonly #wires: Wires
  readonly #clock: Clock

  constructor(map: MemoryMap, bus: MemoryBus, wires: Wires, clock: Clock) {
    this.#map = map
    this.#bus = bus
    this.#wires = wires
    this.#clock = clock
  }

  created(): Promise<number> {
    return this.#write(() => this.#map.created)
  }

  create(key: string, value: Uint8Array): Promise<number | undefined> {
    return this.#write(() => this.#map.create(key, value))
  }

  update(key: string, value: Uint8Array, revision: number): Promise<number | undefined> {
    return this.#write(() => this.#map.update(key, value, revision))
  }

  put(key: string, value: Uint8Array): Promise<number> {
    return this.#write(() => this.#map.put(key, value))
  }

  get(key: string): Promise<StoreEntry | undefined> {
    return this.#call((map, answer) => answer(map.read(key, this.#wires.random.next())))
  }

  keys(): Promise<readonly string[]> {
    return this.#call((map, answer) => answer(map.keys))
  }

  remove(key: string, revision: number): Promise<boolean> {
    return this.#write(() => this.#map.remove(key, revision))
  }

  /** What the leader does. */
  #write<T>(act: () => T): Promise<T> {
    return this.#call((map, answer) => {
      if (!map.isWritable) return
      const result = act()
      const isHeard = map.unansweredShare === 0 || this.#wires.random.next() >= map.unansweredShare
      if (isHeard) answer(result)
    })
  }

  #call<T>(act: (map: MemoryMap, answer: (result: T) => void) => void): Promise<T> {
    const bus = this.#bus
    const wires = this.#wires
    const { place } = this.#map
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new DirectoryDownError('the directory of names does not answer'))
      const cancel = this.#clock.after(storeTimeout, fail)
      const answer = (result: T): void => {
        const take = (): void => {
          cancel()
          resolve(result)
        }
        bus.answer(take, place, wires.distance(place, bus.place))
      }
      bus.send(() => {
        wires.time.after(bus.passing + wires.distance(bus.place, place), () => {
          if (!wires.isCut(bus.place, place)) act(this.#map, answer)
        })
      })
    })
  }
}
