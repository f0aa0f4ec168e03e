import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { Duplex as NodeDuplex } from 'node:stream'
import { Duplex } from 'readable-stream'

/** Two byte streams: what is written to one is read from the other, with backpressure. */
export type BytePair = [NodeDuplex, NodeDuplex]

/** One end of a pair in memory; it remembers the writes it was asked for, gathered as they were. */
export class PairEnd extends Duplex {
  peer!: PairEnd
  readonly writes: Buffer[][] = []
  #taken: (() => void) | undefined

  override _read(): void {
    const taken = this.#taken
    this.#taken = undefined
    taken?.()
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#deliver([bytes], done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#deliver(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }

  override _final(done: () => void): void {
    this.peer.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // The peer of an end that is destroyed rather than ended finds its stream cut off.
    if (!this.writableFinished) process.nextTick(() => this.peer.destroy())
    done(error)
  }

  #deliver(buffers: Buffer[], done: () => void): void {
    this.writes.push(buffers)
    const peer = this.peer
    process.nextTick(() => {
      if (peer.destroyed) return done()
      let more = true
      for (const bytes of buffers) more = peer.push(bytes)
      if (more) done()
      else peer.#taken = done
    })
  }
}

/** A pair of readable-stream Duplexes. */
export function memoryPair(): [PairEnd, PairEnd] {
  const [a, b] = [new PairEnd(), new PairEnd()]
  a.peer = b
  b.peer = a
  return [a, b]
}

/** A pair of connected sockets. */
export async function socketPair(options: { allowHalfOpen: boolean } = { allowHalfOpen: false }): Promise<BytePair> {
  const server = createServer(options)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  const [socket] = await accepted
  server.close()
  return [socket, client]
}
