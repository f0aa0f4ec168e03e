import type { LiveStream } from '@rtmpipe/session'
import { type Claim, type Fabric, type JoinedStream, keyText, type StreamKey } from './fabric.ts'
import { Latest } from './latest.ts'

interface Owner {
  readonly fabric: MemoryFabric
  readonly epoch: number
  readonly stream: LiveStream | undefined
}

/** Where the memory fabrics of one test meet. */
export class MemoryHub {
  readonly owners: Map<string, Owner> = new Map()
  readonly watchers: Map<string, Set<Latest<Owner | undefined>>> = new Map()
  epoch = 0

  set(key: string, owner: Owner | undefined): void {
    if (owner === undefined) this.owners.delete(key)
    else this.owners.set(key, owner)
    for (const watcher of this.watchers.get(key) ?? []) watcher.set(owner)
  }
}

/** The streams of several servers in one process; for tests. */
export class MemoryFabric implements Fabric {
  readonly #hub: MemoryHub

  constructor(hub: MemoryHub) {
    this.#hub = hub
  }

  claim(key: StreamKey): Promise<Claim | undefined> {
    const hub = this.#hub
    const text = keyText(key)
    if (hub.owners.has(text)) return Promise.resolve(undefined)
    const epoch = ++hub.epoch
    hub.set(text, { fabric: this, epoch, stream: undefined })
    const release = async () => {
      if (hub.owners.get(text)?.epoch === epoch) hub.set(text, undefined)
    }
    return Promise.resolve({ key, epoch, lost: new AbortController().signal, release })
  }

  offer({ key, epoch }: Claim, stream: LiveStream): void {
    this.#hub.set(keyText(key), { fabric: this, epoch, stream })
  }

  async *join(key: StreamKey, { signal }: { readonly signal: AbortSignal }): AsyncIterable<JoinedStream> {
    const text = keyText(key)
    const owners = new Latest<Owner | undefined>(signal)
    owners.set(this.#hub.owners.get(text))
    const watchers = this.#hub.watchers.get(text) ?? new Set()
    this.#hub.watchers.set(text, watchers.add(owners))
    try {
      for await (const owner of owners) {
        if (owner?.stream === undefined || owner.fabric === this) continue
        yield { epoch: owner.epoch, messages: owner.stream.subscribe() }
      }
    } finally {
      watchers.delete(owners)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
