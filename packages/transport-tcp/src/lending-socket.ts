import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'

/** Bytes that one read takes at most, as for other sockets. */
const readSize = 64 * 1024

/**
 * Where the system puts what it reads, for all sockets of the process in turn: each read is handed over before the next
 * begins. On Windows reads are under way at the same time, so sockets there do without.
 */
const received: Buffer = process.platform === 'win32' ? Buffer.alloc(0) : Buffer.allocUnsafeSlow(readSize)

type Take = (bytes: Buffer) => void

/** What Node keeps in an accepted socket, and takes as an option. */
interface Accepted {
  _handle?: object | null
  _server?: object | null
}

/**
 * A socket that reads into memory that is there already. Node allocates 64 KiB for each read of a usual socket, and with
 * many small streams a large part of the work is to collect that. It is a stream like any other, with a copy of what is read,
 * until somebody asks for the bytes themselves.
 */
export class LendingSocket extends Socket {
  /** What is written and does not count in `writableLength` is with the operating system, and not read any more. */
  readonly copies = true
  readonly #reader: { take: Take | undefined; push: (bytes: Buffer) => boolean }

  /** Takes the place of an accepted socket, which must not be used any more. */
  constructor(accepted: Socket) {
    const { _handle: handle, _server: server } = accepted as Accepted
    const reader: { take: Take | undefined; push: (bytes: Buffer) => boolean } = { take: undefined, push: () => true }
    const options: SocketConstructorOpts & { handle: unknown; onread: OnReadOpts } = {
      handle,
      allowHalfOpen: true,
      onread: {
        buffer: received,
        callback(count) {
          const bytes = received.subarray(0, count)
          if (reader.take === undefined) return reader.push(Buffer.from(bytes))
          reader.take(bytes)
          return true
        },
      },
    }
    super(options)
    reader.push = bytes => this.push(bytes)
    this.#reader = reader
    // The server counts its sockets by this.
    ;(this as Accepted)._server = server ?? null
    ;(accepted as Accepted)._handle = null
    ;(accepted as Accepted)._server = null
  }

  /**
   * Hands over all bytes from now on, without a copy: they are good until `take` returns. `pause()` and `resume()` hold
   * as ever; there is no `'data'` any more, but `'end'`.
   */
  lend(take: Take): void {
    for (let bytes = this.read() as Buffer | null; bytes !== null; bytes = this.read() as Buffer | null) take(bytes)
    this.#reader.take = take
  }
}

/** The accepted socket, or one that lends its bytes in its place, where the system can do that. */
export function lendingSocket(accepted: Socket): Socket {
  const canLend = received.length > 0 && typeof (accepted as Accepted)._handle === 'object'
  return canLend && (accepted as Accepted)._handle !== null ? new LendingSocket(accepted) : accepted
}
