import type { StreamKey } from '@rtmpipe/session'
import type { Awaitable } from '@rtmpipe/session'
import type { Fabric } from '../fabric.ts'
import { TestJoin } from './test-join.ts'
import { TestPublish } from './test-publish.ts'
import { within } from '@rtmpipe/testing/suite'

/** A network under test, fresh for each case. */
export interface FabricSubject {
  /** Another process's way into it. */
  open(): Awaitable<Fabric>
  /** Called when the case is over and every fabric disposed, passed or failed. */
  dispose?(): Awaitable<void>
}

/** The name most cases use. */
export const testKey: StreamKey = { app: 'live', streamName: 'compliance' }

/** Opens fabrics of a subject, publishes and joins on them, and keeps account of it all, so that a case can be cleaned up. */
export class FabricBench {
  readonly #subject: FabricSubject
  readonly #fabrics: Fabric[] = []
  readonly #joins: TestJoin[] = []

  constructor(subject: FabricSubject) {
    this.#subject = subject
  }

  async fabric(): Promise<Fabric> {
    const fabric = await within('a fabric to open', (async () => this.#subject.open())())
    this.#fabrics.push(fabric)
    return fabric
  }

  /** As many as are asked for, each of another process. */
  async fabrics(count: number): Promise<[Fabric, Fabric, ...Fabric[]]> {
    const fabrics: Fabric[] = []
    while (fabrics.length < count) fabrics.push(await this.fabric())
    return fabrics as [Fabric, Fabric, ...Fabric[]]
  }

  publish(fabric: Fabric, key: StreamKey = testKey): Promise<TestPublish> {
    return within('a claim', TestPublish.start(fabric, key))
  }

  join(fabric: Fabric, key: StreamKey = testKey): TestJoin {
    const join = new TestJoin(fabric, key)
    this.#joins.push(join)
    return join
  }

  async clear(): Promise<void> {
    for (const join of this.#joins) join.leave()
    await within('every fabric to be disposed', this.dispose())
    await this.#subject.dispose?.()
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#fabrics.map(fabric => fabric[Symbol.asyncDispose]()))
  }
}
