import { Socket } from 'node:net'

/** Bytes that one read takes at most, as for other sockets. */
const readSize = 64 * 1024

/**
 * Where the system puts what it reads, for all sockets of the process in turn: each read is handed over before the next
 * begins. On Windows reads are under way at the same time, so sockets there do without.
 */
const received: Buffer | undefined = process.platform === 'win32' ? undefined : Buffer.allocUnsafeSlow(readSize)

type Take = (bytes: Buffer) => void

/**
 * A socket that can read into memory that is there already. Node allocates 64 KiB for each read of a usual socket, and with
 * many small streams a large part of the work is to collect that. It is a usual socket until somebody asks.
 */
export interface LendingSocket extends Socket {
  /** What is written and does not count in `writableLength` is with the operating system, and not read any more. */
  readonly copies: true
  /**
   * Hands over all bytes from now on, without a copy: they are good until `take` returns. `pause()` and `resume()` hold
   * as ever; there is no `'data'` any more, but `'end'`. To be called when none wait to be read.
   */
  lend(take: Take): void
}

/** Where Node keeps what its option `onread` was given, which a server can't pass to the sockets that it accepts. */
interface ReadState {
  readonly buffer: symbol
  readonly callback: symbol
}

const readState: ReadState | undefined = stateOf(new Socket())

function stateOf(socket: Socket): ReadState | undefined {
  const symbols = Object.getOwnPropertySymbols(socket)
  const [buffer, callback] = ['kBuffer', 'kBufferCb'].map(name =>
    symbols.find(({ description }) => description === name),
  )
  return buffer && callback && { buffer, callback }
}

/** Gives an accepted socket what it takes to lend, where the system and this version of Node can do that. */
export function withLending(socket: Socket): Socket {
  const { _handle: handle } = socket as Partial<Handled>
  if (received === undefined || readState === undefined || typeof handle?.useUserBuffer !== 'function') return socket
  return Object.assign(socket, { lend, copies: true as const })
}

interface Handled {
  readonly _handle: { useUserBuffer(buffer: Buffer): void } | null
}

function lend(this: Socket, take: Take): void {
  const { _handle: handle } = this as unknown as Handled
  const { buffer, callback } = readState as ReadState
  // The peer may be gone.
  if (handle === null) return
  handle.useUserBuffer(received as Buffer)
  Object.assign(this, {
    [buffer]: received,
    [callback]: (count: number) => {
      take((received as Buffer).subarray(0, count))
      return true
    },
  })
  // A usual socket that is paused reads on until its own buffer is full; this one has none.
  if (this.isPaused()) this.pause()
}
