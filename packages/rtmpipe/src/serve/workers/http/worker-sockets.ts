import { basename, dirname, join } from 'node:path'
import { CliError } from '../../cli-error.ts'
import { letters } from '../../machine-tunnels.ts'

/** Systems cut longer ones short without a word: what was to be in a private folder would be elsewhere. Bytes. */
const maxPathLength = 103

/** The HTTP ports that workers share. */
export type HttpPort = 'rtmpt' | 'rtmpts'

/**
 * Unix sockets for the HTTP requests that workers hand over, in a folder of their own: `7t.sock` has the tunnels of the seventh worker's `rtmpt` port, and
 * `7t` is what ids begin with. Who serves the house has `house-t.sock`, whichever worker that is.
 */
export class WorkerSockets {
  readonly #folder: string
  readonly #number: string

  /** @param path of the socket of its streams, `7.sock` */
  constructor(path: string) {
    this.#folder = WorkerSockets.folderOf(dirname(path))
    this.#number = basename(path, '.sock')
  }

  /** @param folder of the sockets of streams */
  static folderOf(folder: string): string {
    return `${folder}-http`
  }

  /** Of the worker: no other of these has had it. */
  get number(): string {
    return this.#number
  }

  get folder(): string {
    return this.#folder
  }

  /** What the worker's ids of a port begin with: no other worker of these has had it. */
  nameOf(port: HttpPort): string {
    return this.#number + letters[port]
  }

  /** Where the tunnels of that name are. A name is of letters and digits. @throws CliError for a path that is too long */
  readonly pathOf = (name: string): string => {
    const path = join(this.#folder, `${name}.sock`)
    if (Buffer.byteLength(path) <= maxPathLength) return path
    throw new CliError(`${path} is too long for a Unix socket: choose another TMPDIR`)
  }

  houseOf(port: HttpPort): string {
    return this.pathOf(`house-${letters[port]}`)
  }

  /** Those of this worker alone. */
  get own(): readonly string[] {
    return [this.nameOf('rtmpt'), this.nameOf('rtmpts')].map(this.pathOf)
  }

  /** Those of all workers, which are there when this one is the first, and those of its own. */
  get all(): readonly string[] {
    return [...this.own, this.houseOf('rtmpt'), this.houseOf('rtmpts')]
  }
}
