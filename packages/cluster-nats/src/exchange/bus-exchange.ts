import type { Exchange } from '@rtmpipe/cluster'
import { type Bus, nobody } from '../contract/bus.ts'
import { isId, isReply, subjects } from '../wire/subjects.ts'

/** Questions between processes of the cluster, over the bus for control. */
export class BusExchange implements Exchange {
  readonly #bus: Bus
  /** What is served and asked. */
  readonly #ends = new Set<() => void>()

  constructor(bus: Bus) {
    this.#bus = bus
  }

  serve(name: string, take: Parameters<Exchange['serve']>[1]): () => void {
    return this.#keep(
      this.#bus.subscribe(subjects.questions(name), ({ payload, reply }) => {
        if (isReply(reply)) take(payload, bytes => this.#bus.publish(reply, bytes))
      }),
    )
  }

  ask(name: string, question: Uint8Array, take: (answer: Buffer | undefined) => void): () => void {
    if (!isId(name)) {
      const told = setImmediate(take, undefined)
      return () => clearImmediate(told)
    }
    const end = this.#keep(
      this.#bus.ask(subjects.questions(name), question, answer => {
        end()
        take(answer === nobody ? undefined : answer.payload)
      }),
    )
    return end
  }

  /** Neither answers nor waits for answers any more. */
  close(): void {
    for (const end of this.#ends) end()
  }

  #keep(end: () => void): () => void {
    const forget = (): void => {
      if (this.#ends.delete(forget)) end()
    }
    this.#ends.add(forget)
    return forget
  }
}
