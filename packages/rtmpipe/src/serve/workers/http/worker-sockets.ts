import { basename, dirname, join } from 'node:path'

/** The HTTP ports that workers share. */
export type HttpPort = 'rtmpt' | 'rtmpts'

const letters = { rtmpt: 't', rtmpts: 's' } as const

/**
 * Unix sockets of a worker, beside that of its streams: `7t.sock` has the tunnels of the seventh worker's `rtmpt` port, and
 * `7t` is what ids begin with. Who serves the house has `house-t.sock`, whichever worker that is.
 */
export class WorkerSockets {
  readonly #folder: string
  readonly #number: string

  /** @param path of the socket of its streams, `7.sock` */
  constructor(path: string) {
    this.#folder = dirname(path)
    this.#number = basename(path, '.sock')
  }

  /** What the worker's ids of a port begin with: no other worker of these has had it. */
  nameOf(port: HttpPort): string {
    return this.#number + letters[port]
  }

  /** Where the tunnels of that name are. A name is of letters and digits. */
  readonly pathOf = (name: string): string => join(this.#folder, `${name}.sock`)

  houseOf(port: HttpPort): string {
    return this.pathOf(`house-${letters[port]}`)
  }

  /** Those of this worker alone. */
  get own(): readonly string[] {
    return [this.#number, this.nameOf('rtmpt'), this.nameOf('rtmpts')].map(this.pathOf)
  }

  /** Those of all workers, which are there when this one is the first, and those of its own. */
  get all(): readonly string[] {
    return [...this.own, this.houseOf('rtmpt'), this.houseOf('rtmpts')]
  }
}
