import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Directory,
  type DirectoryWorker,
  type PrimaryMessage,
  type WorkerLine,
  type WorkerRequest,
  WorkersFabric,
} from '@rtmpipe/cluster'

/** Workers of one machine without the processes: a directory and fabrics on real Unix sockets. */
export class WorkerNetwork {
  readonly directory = new Directory()
  readonly workers: DirectoryWorker[] = []
  /** Everything that was said between the directory and the workers. */
  readonly said: (PrimaryMessage | WorkerRequest)[] = []
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async create(): Promise<WorkerNetwork> {
    return new WorkerNetwork(await mkdtemp(join(tmpdir(), 'rtmpipe-cluster-test-')))
  }

  async open(): Promise<WorkersFabric> {
    const path = join(this.#folder, `${this.workers.length}.sock`)
    const [primaryEnd, workerEnd] = this.line()
    const worker = { line: primaryEnd, path }
    this.workers.push(worker)
    this.directory.add(worker)
    return WorkersFabric.open(workerEnd, path)
  }

  async dispose(): Promise<void> {
    await rm(this.#folder, { recursive: true })
  }

  /** Both ends of a line as slow as Node's: what is said arrives in a later turn of the event loop, in order. */
  line(): [primary: WorkerLine<PrimaryMessage, WorkerRequest>, worker: WorkerLine<WorkerRequest, PrimaryMessage>] {
    const atPrimary: ((message: WorkerRequest) => void)[] = []
    const atWorker: ((message: PrimaryMessage) => void)[] = []
    const say = <M extends PrimaryMessage | WorkerRequest>(takers: ((message: M) => void)[]) => ({
      send: (message: M) => {
        this.said.push(message)
        setImmediate(() => {
          for (const take of takers) take(structuredClone(message))
        })
      },
    })
    return [
      { ...say(atWorker), onMessage: take => void atPrimary.push(take) },
      { ...say(atPrimary), onMessage: take => void atWorker.push(take) },
    ]
  }
}
