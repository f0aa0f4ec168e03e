import type { PrimaryMessage, WorkerLine, WorkerRequest } from './messages.ts'

interface Owner {
  readonly worker: DirectoryWorker
  readonly epoch: number
  /** Claimed first, offered when the publish has begun. */
  readonly offered: boolean
}

/** A claim that waits for what the owner of the name says. */
interface Waiting {
  readonly worker: DirectoryWorker
  readonly request: number
}

/** A worker as the directory knows it. */
export interface DirectoryWorker {
  /** The way to it, and from it. */
  readonly line: WorkerLine<PrimaryMessage, WorkerRequest>
  /** Unix socket on which it hands out streams. */
  readonly path: string
}

/** Who publishes what, for workers of one machine: a Map in the process that started them. */
export class Directory {
  readonly #workers = new Set<DirectoryWorker>()
  readonly #owners = new Map<string, Owner>()
  readonly #waiting = new Map<string, Waiting[]>()
  readonly #watchers = new Map<string, Set<DirectoryWorker>>()
  #epoch = 0

  /** Serves a worker's requests. */
  add(worker: DirectoryWorker): void {
    this.#workers.add(worker)
    worker.line.onMessage(request => {
      // The last words of a worker may come after its end, when nobody would give back what it claimed.
      if (this.#workers.has(worker)) this.#handle(worker, request)
    })
  }

  /** A worker is gone: its names are free at once. */
  remove(worker: DirectoryWorker): void {
    this.#workers.delete(worker)
    for (const [key, waiting] of this.#waiting) {
      this.#waiting.set(
        key,
        waiting.filter(each => each.worker !== worker),
      )
    }
    for (const key of this.#watchers.keys()) this.#unwatch(worker, key)
    for (const [key, owner] of this.#owners) if (owner.worker === worker) this.#free(key)
  }

  #handle(worker: DirectoryWorker, request: WorkerRequest): void {
    const { key } = request
    if (request.type === 'claim') this.#claim(key, { worker, request: request.request })
    else if (request.type === 'offer' || request.type === 'release' || request.type === 'kept') {
      const owner = this.#owners.get(key)
      if (owner?.worker !== worker || owner.epoch !== request.epoch) return
      if (request.type === 'release') this.#free(key)
      else if (request.type === 'offer') this.#offer(key, owner)
      else this.#answerWaiting(key)
    } else if (request.type === 'watch') this.#watch(worker, key)
    else if (request.type === 'unwatch') this.#unwatch(worker, key)
  }

  #claim(key: string, claim: Waiting): void {
    const owner = this.#owners.get(key)
    if (owner === undefined) return this.#grant(key, claim)
    if (!owner.offered || owner.worker === claim.worker) return refuse(claim)
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined) return void waiting.push(claim)
    this.#waiting.set(key, [claim])
    owner.worker.line.send({ type: 'wanted', key, epoch: owner.epoch })
  }

  #grant(key: string, { worker, request }: Waiting): void {
    this.#epoch += 1
    this.#owners.set(key, { worker, epoch: this.#epoch, offered: false })
    worker.line.send({ type: 'claimed', request, epoch: this.#epoch })
  }

  /** The first of those who wait gets a name that is free; nobody gets one that is kept. */
  #answerWaiting(key: string): void {
    const waiting = this.#waiting.get(key) ?? []
    this.#waiting.delete(key)
    const first = this.#owners.has(key) ? undefined : waiting.shift()
    if (first !== undefined) this.#grant(key, first)
    for (const claim of waiting) refuse(claim)
  }

  #offer(key: string, owner: Owner): void {
    this.#owners.set(key, { ...owner, offered: true })
    this.#tellAll(key)
  }

  #free(key: string): void {
    this.#owners.delete(key)
    this.#tellAll(key)
    this.#answerWaiting(key)
  }

  #watch(worker: DirectoryWorker, key: string): void {
    const watchers = this.#watchers.get(key) ?? new Set()
    this.#watchers.set(key, watchers.add(worker))
    this.#tell(worker, key)
  }

  #unwatch(worker: DirectoryWorker, key: string): void {
    const watchers = this.#watchers.get(key)
    watchers?.delete(worker)
    if (watchers?.size === 0) this.#watchers.delete(key)
  }

  #tellAll(key: string): void {
    for (const worker of this.#watchers.get(key) ?? []) this.#tell(worker, key)
  }

  /** A worker is never sent to itself: its players have the stream already. */
  #tell(worker: DirectoryWorker, key: string): void {
    const owner = this.#owners.get(key)
    const elsewhere = owner?.offered === true && owner.worker !== worker
    worker.line.send({ type: 'owner', key, epoch: owner?.epoch ?? 0, ...(elsewhere && { path: owner.worker.path }) })
  }
}

function refuse({ worker, request }: Waiting): void {
  worker.line.send({ type: 'claimed', request, epoch: 0 })
}
