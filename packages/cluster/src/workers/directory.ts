import type { PrimaryMessage, WorkerLine, WorkerRequest } from './messages.ts'

interface Owner {
  readonly worker: DirectoryWorker
  readonly epoch: number
  /** Claimed first, offered when the publish has begun. */
  readonly offered: boolean
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
    for (const key of this.#watchers.keys()) this.#unwatch(worker, key)
    for (const [key, owner] of this.#owners) if (owner.worker === worker) this.#free(key)
  }

  #handle(worker: DirectoryWorker, request: WorkerRequest): void {
    const { key } = request
    if (request.type === 'claim') {
      const epoch = this.#claim(key, worker)
      worker.line.send({ type: 'claimed', request: request.request, epoch })
    } else if (request.type === 'offer' || request.type === 'release') {
      const owner = this.#owners.get(key)
      if (owner?.worker !== worker || owner.epoch !== request.epoch) return
      if (request.type === 'release') this.#free(key)
      else this.#offer(key, owner)
    } else if (request.type === 'watch') this.#watch(worker, key)
    else if (request.type === 'unwatch') this.#unwatch(worker, key)
  }

  /** @returns the epoch, or 0 when the name is taken */
  #claim(key: string, worker: DirectoryWorker): number {
    if (this.#owners.has(key)) return 0
    this.#epoch += 1
    this.#owners.set(key, { worker, epoch: this.#epoch, offered: false })
    return this.#epoch
  }

  #offer(key: string, owner: Owner): void {
    this.#owners.set(key, { ...owner, offered: true })
    this.#tellAll(key)
  }

  #free(key: string): void {
    this.#owners.delete(key)
    this.#tellAll(key)
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
