import type { Clock } from '../contract/clock.ts'
import type { Store, StoreEntry } from '../contract/store.ts'
import { DirectoryDownError } from '../errors.ts'
import type { MemoryBus } from './memory-bus.ts'
import type { MemoryMap } from './memory-map.ts'
import type { Wires } from './wires.ts'

/** After which an answer is not waited for any longer. Milliseconds. */
const storeTimeout = 2_000

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
    return this.#call(() => this.#map.created)
  }

  create(key: string, value: Uint8Array): Promise<number | undefined> {
    return this.#call(() => this.#map.create(key, value))
  }

  update(key: string, value: Uint8Array, revision: number): Promise<number | undefined> {
    return this.#call(() => this.#map.update(key, value, revision))
  }

  put(key: string, value: Uint8Array): Promise<number> {
    return this.#call(() => this.#map.put(key, value))
  }

  get(key: string): Promise<StoreEntry | undefined> {
    return this.#call(() => this.#map.get(key))
  }

  remove(key: string, revision: number): Promise<boolean> {
    return this.#call(() => this.#map.remove(key, revision))
  }

  #call<T>(act: () => T): Promise<T> {
    const bus = this.#bus
    const { place } = this.#map
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new DirectoryDownError('the directory of names does not answer'))
      const cancel = this.#clock.after(storeTimeout, fail)
      bus.send(() => {
        const arrive = (): void => {
          if (this.#wires.isCut(bus.place, place)) return
          const result = act()
          bus.answer(
            () => {
              cancel()
              resolve(result)
            },
            place,
            this.#wires.distance(place, bus.place),
          )
        }
        this.#wires.time.after(bus.passing + this.#wires.distance(bus.place, place), arrive)
      })
    })
  }
}
