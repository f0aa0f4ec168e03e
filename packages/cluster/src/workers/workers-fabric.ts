import type { Server } from 'node:net'
import type { LiveStream } from '@rtmpipe/session'
import { type Claim, type Fabric, type JoinedStream, keyText, type StreamKey } from '../fabric.ts'
import { Latest } from '../latest.ts'
import type { PrimaryMessage, WorkerLine, WorkerRequest } from './messages.ts'
import { joinStream, serveStreams } from './stream-socket.ts'

type OwnerMessage = Extract<PrimaryMessage, { type: 'owner' }>

/**
 * The streams of a machine's worker processes: the process that started them knows who publishes what, and streams go
 * from worker to worker over Unix sockets.
 */
export class WorkersFabric implements Fabric {
  readonly #line: WorkerLine<WorkerRequest, PrimaryMessage>
  readonly #server: Server
  readonly #offers: Map<string, LiveStream>
  readonly #claims = new Map<number, (epoch: number) => void>()
  readonly #watched = new Map<string, Set<Latest<OwnerMessage>>>()
  #requests = 0

  private constructor(
    line: WorkerLine<WorkerRequest, PrimaryMessage>,
    server: Server,
    offers: Map<string, LiveStream>,
  ) {
    this.#line = line
    this.#server = server
    this.#offers = offers
    this.#offers = offers
    line.onMessage(message => this.#handle(message))
  }

  /**
   * @param line to the process with the {@link Directory}
   * @param path of the Unix socket to hand out streams on; nobody else may reach its folder
   */
  static async open(line: WorkerLine<WorkerRequest, PrimaryMessage>, path: string): Promise<WorkersFabric> {
    const offers = new Map<string, LiveStream>()
    const server = await serveStreams(path, request => offers.get(request))
    return new WorkersFabric(line, server, offers)
  }

  async claim(key: StreamKey): Promise<Claim | undefined> {
    const request = ++this.#requests
    const epoch = await new Promise<number>(resolve => {
      this.#claims.set(request, resolve)
      this.#line.send({ type: 'claim', key: keyText(key), request })
    })
    if (epoch === 0) return undefined
    const release = async () => {
      this.#offers.delete(offerText(keyText(key), epoch))
      this.#line.send({ type: 'release', key: keyText(key), epoch })
    }
    // The directory takes no claim away, so none is ever lost.
    return { key, epoch, lost: new AbortController().signal, release }
  }

  offer(claim: Claim, stream: LiveStream): void {
    this.#offers.set(offerText(keyText(claim.key), claim.epoch), stream)
    this.#line.send({ type: 'offer', key: keyText(claim.key), epoch: claim.epoch })
  }

  async *join(key: StreamKey, { signal }: { readonly signal: AbortSignal }): AsyncIterable<JoinedStream> {
    const text = keyText(key)
    const owners = new Latest<OwnerMessage>(signal)
    this.#watch(text, owners)
    try {
      for await (const { path, epoch } of owners) {
        if (path !== undefined) yield { epoch, messages: joinStream(path, offerText(text, epoch)) }
      }
    } finally {
      this.#unwatch(text, owners)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
  }

  #handle(message: PrimaryMessage): void {
    if (message.type === 'claimed') {
      this.#claims.get(message.request)?.(message.epoch)
      this.#claims.delete(message.request)
    } else if (message.type === 'owner') {
      for (const owners of this.#watched.get(message.key) ?? []) owners.set(message)
    }
  }

  #watch(key: string, owners: Latest<OwnerMessage>): void {
    const watching = this.#watched.get(key) ?? new Set()
    this.#watched.set(key, watching.add(owners))
    this.#line.send({ type: 'watch', key })
  }

  #unwatch(key: string, owners: Latest<OwnerMessage>): void {
    const watching = this.#watched.get(key)
    watching?.delete(owners)
    if (watching?.size !== 0) return
    this.#watched.delete(key)
    this.#line.send({ type: 'unwatch', key })
  }
}

function offerText(key: string, epoch: number): string {
  return JSON.stringify([key, epoch])
}
