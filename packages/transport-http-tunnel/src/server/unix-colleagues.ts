import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import type { Socket } from 'node:net'
import { BodyReader } from './body-reader.ts'
import type { Colleagues, HandedOver } from './colleagues.ts'

/** Requests that may be at other processes at a time; more are answered 503, as when a process is busy for long. */
const MAX_UNDER_WAY = 10_000
/** Milliseconds after which a connection that nothing uses is closed. */
const FREE_TIMEOUT = 30_000

/** Name of the header that tells whom a request comes from; who can reach the socket is believed. */
export const ORIGIN = 'rtmpipe-origin'
/** Name of the header with the bytes that an answer may have. */
export const MOST = 'rtmpipe-most'

/** Hands requests over to processes of this machine, by a Unix socket of each. */
export class UnixColleagues implements Colleagues {
  readonly #pathOf: (name: string) => string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MAX_UNDER_WAY, timeout: FREE_TIMEOUT })
  /** What is under way for each client's connection: when that breaks, nobody waits for it. */
  readonly #underWay = new WeakMap<Socket, Set<ClientRequest>>()
  #count = 0

  /** @param pathOf the socket of a process; a name is of letters and digits, and comes from outside */
  constructor(pathOf: (name: string) => string) {
    this.#pathOf = pathOf
  }

  handOver(name: string, request: HandedOver): boolean {
    const { post } = request
    const { carrier } = post
    if (this.#count >= MAX_UNDER_WAY) post.reject(503, 'busy')
    // It is asked for what it can take, so that has to be something.
    else if (carrier.room <= 0) carrier.whenRoom(() => void (post.gone || this.handOver(name, request)))
    else {
      const path = this.#findPath(name)
      if (path === undefined) post.reject(404, 'no such session')
      else this.#begin(path, request)
    }
    return true
  }

  /** A name from outside may be longer than ours, so that there is no path for it. */
  #findPath(name: string): string | undefined {
    try {
      return this.#pathOf(name)
    } catch {
      return undefined
    }
  }

  /** Closes connections that are not in use. */
  close(): void {
    this.#agent.destroy()
  }

  #begin(socketPath: string, request: HandedOver): void {
    const { kind, id, number, post, origin } = request
    const { room } = post.carrier
    const most = room === Infinity ? {} : { [MOST]: String(room) }
    const headers = { [ORIGIN]: JSON.stringify(origin), ...most, ...lengthOf(request) }
    const path = `/${kind}/${id}/${number}`
    const asked = httpRequest({ socketPath, agent: this.#agent, method: 'POST', path, headers })
    this.#count += 1
    const underWay = this.#underWayOf(post.socket).add(asked)
    asked.on('response', response => void answer(request, response))
    asked.on('error', error => fail(request, error))
    asked.once('close', () => {
      this.#count -= 1
      underWay.delete(asked)
    })
    if (kind === 'send') copyBody(request, asked)
    else asked.end()
  }

  #underWayOf(socket: Socket): Set<ClientRequest> {
    let underWay = this.#underWay.get(socket)
    if (underWay === undefined) {
      const created = new Set<ClientRequest>()
      socket.once('close', () => {
        for (const asked of created) asked.destroy()
      })
      this.#underWay.set(socket, (underWay = created))
    }
    return underWay
  }
}

function lengthOf({ kind, post }: HandedOver): Record<string, string> {
  if (kind !== 'send') return { 'content-length': '0' }
  return post.bodyLength === undefined
    ? { 'transfer-encoding': 'chunked' }
    : { 'content-length': String(post.bodyLength) }
}

/** Only as fast as the other process takes it. */
function copyBody({ post }: HandedOver, asked: ClientRequest): void {
  const copy = (): void => {
    while (!asked.destroyed && !asked.writableNeedDrain) {
      const bytes = body.read()
      if (bytes !== undefined) {
        asked.write(bytes)
        continue
      }
      if (body.finished) {
        body.release()
        asked.end()
      } else if (body.broken) asked.destroy()
      return
    }
  }
  const body = new BodyReader(post.body, 0, copy)
  asked.on('drain', copy).once('close', () => body.release())
  copy()
}

async function answer(request: HandedOver, response: IncomingMessage): Promise<void> {
  const { post } = request
  const { statusCode = 503, headers } = response
  const pieces: Buffer[] = []
  try {
    for await (const piece of response) pieces.push(piece as Buffer)
  } catch (error) {
    fail(request, error as Error)
    return
  }
  const body = Buffer.concat(pieces)
  if (statusCode === 200) post.answer(body)
  else if (headers.connection === 'close') post.reject(statusCode, body.toString().trimEnd())
  else post.refuse(statusCode, body.toString().trimEnd())
}

/** Without a socket the process has ended, and its sessions with it. What went wrong on the way may be tried again. */
function fail({ post }: HandedOver, error: NodeJS.ErrnoException): void {
  if (post.gone) return
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') post.reject(404, 'no such session')
  else post.reject(503, 'try again')
}
