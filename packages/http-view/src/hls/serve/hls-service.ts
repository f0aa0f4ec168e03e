import { setTimeout as pause } from 'node:timers/promises'
import type { Host, View, ViewOutput } from '@rtmpipe/session'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { CrossOrigin } from '../../access/cross-origin.ts'
import { streamAt } from '../../access/stream-path.ts'
import { viewerOf } from '../../access/viewer-of.ts'
import type { HlsSettings } from '../hls-options.ts'
import type { Answer } from './answer.ts'
import { Folders } from './folders.ts'
import { HlsRefusal } from './hls-refusal.ts'
import { hlsRefusalOf } from './hls-refusal-of.ts'
import { directivesOf, hlsPath } from './hls-request.ts'
import type { Program } from './program.ts'
import { Programs } from './programs.ts'
import { cutIfStopped, send, sendPreflight } from './send.ts'
import { type HlsSession, HlsSessions } from './sessions.ts'

/** Of the parameter that says who asks. */
const tokenName = 'viewer'
/** Milliseconds between two looks at who has left. */
const lookInterval = 1_000
/** Milliseconds that a first request waits for something to play. */
const firstWait = 15_000
/** Milliseconds for a stream to come from elsewhere, and how often that is looked at. */
const [sourceWait, sourceLook] = [1_000, 25]
/** Target durations that a request waits (RFC 8216bis §6.2.5.2). */
const longestWait = 3
/** Milliseconds that a viewer may take for an answer, where segments are not longer than that. */
const longestSend = 30_000
/** Requests for files that wait at a time, for each viewer of an address. */
const maxWaitingFiles = 8
/** Requests of a viewer that wait at a time: playlists of all renditions, and their parts. */
const maxWaitingOfSession = 16

/** Answers requests for HLS: of one server, by whichever of its ports they come. */
export class HlsService {
  readonly #host: Host
  readonly #settings: HlsSettings
  readonly #origins: CrossOrigin
  readonly #programs: Programs
  readonly #sessions: HlsSessions
  readonly #folders: Folders
  /** With a proxy in front: the session that all viewers of a folder share, or will. */
  readonly #shared = new Map<string, Promise<HlsSession>>()
  #waiting = 0
  /** Requests for files that wait, by the address that they came from: they have no token. */
  readonly #waitingFiles = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(host: Host, settings: HlsSettings) {
    this.#host = host
    this.#settings = settings
    this.#origins = new CrossOrigin(settings.origins)
    this.#programs = new Programs(host.server.streams, settings)
    this.#sessions = new HlsSessions(settings)
    this.#folders = new Folders(Math.max(settings.window, settings.keepEnded))
    if (settings.always) this.#watch()
    host.signal.addEventListener('abort', () => this.#close(), { once: true })
  }

  /** Answers a request. */
  handle(request: FastifyRequest, reply: FastifyReply): void {
    reply.hijack()
    const { raw } = request
    const response = reply.raw
    if (raw.method === 'OPTIONS') return sendPreflight(response, this.#origins.preflight(raw.headers))
    try {
      const answer = this.#answer(request, response)
      if (answer instanceof Promise) {
        answer.then(
          late => late && this.#send(request, response, late),
          error => this.#fail(request, reply, error),
        )
      } else if (answer !== undefined) this.#send(request, response, answer)
    } catch (error) {
      this.#fail(request, reply, error)
    }
  }

  /** @returns undefined where the answer is sent later */
  #answer(request: FastifyRequest, response: FastifyReply['raw']): Answer | undefined | Promise<Answer | undefined> {
    const { url = '', headers } = request.raw
    if (!this.#origins.allows(headers))
      throw new HlsRefusal(403, 'pages of this origin may not watch: the server names those that may')
    const mark = url.indexOf('?')
    const path = hlsPath(mark < 0 ? url : url.slice(0, mark))
    if (path === undefined) throw nothing()
    const { file } = path
    const folder = folderOf(path.folder)
    if (!file.endsWith('.m3u8')) return this.#file(folder, file, request, response)
    const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
    const token = query.get(tokenName)
    if (file === 'index.m3u8') {
      if (token === null) return this.#begin(folder, request, response)
      return this.#index(this.#sessionOf(token, folder), request, response)
    }
    if (token === null) throw new HlsRefusal(403, 'begin with index.m3u8: it has the addresses of the other playlists')
    const session = this.#sessionOf(token, folder)
    const directives = directivesOf(query)
    const name = file.slice(0, -'.m3u8'.length)
    const check = (): Answer | undefined => session.program.playlist(name, directives)
    const wait = longestWait * session.program.targetDuration
    return check() ?? this.#later(session.program, session, request, response, check, wait)
  }

  /** Parts and segments: who knows their names has read them in a playlist. */
  #file(folder: string, file: string, request: FastifyRequest, response: FastifyReply['raw']): Answer | undefined {
    let refusal = nothing()
    for (const program of this.#folders.programs(folder)) {
      try {
        const check = (): Answer | undefined => program.file(file)
        const wait = longestWait * program.targetDuration
        return check() ?? this.#later(program, undefined, request, response, check, wait)
      } catch (error) {
        refusal = hlsRefusalOf(error)
      }
    }
    throw refusal
  }

  /** A viewer who has no token yet: gates are asked. */
  async #begin(folder: string, request: FastifyRequest, response: FastifyReply['raw']): Promise<Answer | undefined> {
    const session = await (this.#settings.cdn ? this.#join(folder, request) : this.#enter(folder, request, response))
    return this.#index(session, request, response)
  }

  #index(session: HlsSession, request: FastifyRequest, response: FastifyReply['raw']): Answer | undefined {
    const check = (): Answer | undefined => session.program.index(`?${tokenName}=${session.token}`)
    return check() ?? this.#later(session.program, session, request, response, check, firstWait)
  }

  async #join(folder: string, request: FastifyRequest): Promise<HlsSession> {
    const joining = this.#shared.get(folder)
    const known = await joining?.catch(() => undefined)
    // Of those who have waited together, one asks again.
    const other = this.#shared.get(folder)
    if (other !== undefined && other !== joining) return other
    if (known !== undefined && this.#sessions.get(known.token) === known) {
      known.lastSeen = performance.now()
      this.#folders.use(folder, known.program, known.lastSeen)
      return known
    }
    const entering = this.#enter(folder, request)
    this.#shared.set(folder, entering)
    entering.catch(() => this.#shared.get(folder) === entering && this.#shared.delete(folder))
    return entering
  }

  /** @param response of the viewer; without it, the session is not for this viewer alone */
  async #enter(folder: string, request: FastifyRequest, response?: FastifyReply['raw']): Promise<HlsSession> {
    // Taken apart as other paths are, which are not decoded yet.
    const path = streamAt(encodeURIComponent(folder), this.#host.server.streams)
    if (path === undefined) throw nothing()
    const { app, name } = path
    const viewer = viewerOf(request, 'hls', app)
    const giveBack = this.#sessions.reserve(request.ip)
    const left = new AbortController()
    const leave = (): void => left.abort(new HlsRefusal(400, 'the viewer has left'))
    response?.once('close', leave)
    const output = new NoOutput()
    try {
      // Whoever asks first does not open the door for all with what it knows.
      const who = response === undefined ? { ...viewer, query: '' } : viewer
      const view = await this.#host.view(
        app,
        name,
        { ...who, start: 'live', follow: true, signal: left.signal },
        output,
      )
      await becomesLive(view, left.signal)
      response?.off('close', leave)
      return this.#admit(folder, view, output, request.ip)
    } catch (error) {
      giveBack()
      throw left.signal.aborted ? left.signal.reason : hlsRefusalOf(error)
    } finally {
      response?.off('close', leave)
    }
  }

  #admit(folder: string, view: View, output: NoOutput, address: string): HlsSession {
    const stream = view.play?.stream
    const program = stream && this.#programs.open(stream)
    if (stream === undefined || program === undefined) {
      view.leave()
      throw new HlsRefusal(404, 'nobody publishes this stream')
    }
    this.#watch()
    const now = performance.now()
    this.#folders.add(folder, program, now)
    const session = this.#sessions.add({ address, view, program }, now)
    output.onEnd(() => {
      session.view = undefined
      // What is left of a stream can be watched to its end; otherwise somebody has ended the viewer.
      if (program.endedAt === undefined && stream.isLive) this.#sessions.end(session)
    })
    return session
  }

  #sessionOf(token: string, folder: string): HlsSession {
    const session = this.#sessions.get(token)
    const now = performance.now()
    if (session === undefined || !this.#folders.use(folder, session.program, now))
      throw new HlsRefusal(403, 'this viewer is not known, or no longer: begin with index.m3u8')
    session.lastSeen = now
    return session
  }

  /** Answers when there is what was asked for. */
  #later(
    program: Program,
    session: HlsSession | undefined,
    request: FastifyRequest,
    response: FastifyReply['raw'],
    check: () => Answer | undefined,
    wait: number,
  ): undefined {
    if (this.#waiting >= this.#settings.maxWaiting) throw new HlsRefusal(503, 'too many requests wait')
    // One token is all viewers there.
    if (!this.#settings.cdn && session !== undefined && session.waiting >= maxWaitingOfSession)
      throw new HlsRefusal(429, 'too many requests of this viewer wait')
    const giveBack = session === undefined ? this.#waitForFile(request.ip) : undefined
    this.#waiting += 1
    if (session !== undefined) session.waiting += 1
    let isOver = false
    const over = (): void => {
      if (isOver) return
      isOver = true
      this.#waiting -= 1
      giveBack?.()
      if (session === undefined) return
      session.waiting -= 1
      session.lastSeen = performance.now()
    }
    const forget = program.waiting.add({
      check,
      until: performance.now() + wait,
      owner: session ?? program,
      done: answer => {
        over()
        this.#send(request, response, answer)
      },
    })
    response.once('close', () => {
      forget()
      over()
    })
  }

  /**
   * Takes a place for a request of an address, as many as its viewers can use.
   *
   * @returns gives it back
   */
  #waitForFile(address: string): () => void {
    const count = this.#waitingFiles.get(address) ?? 0
    // A proxy in front is an address with the viewers of all others.
    const most = maxWaitingFiles * Math.max(1, this.#sessions.countAt(address))
    if (!this.#settings.cdn && count >= most) throw new HlsRefusal(429, 'too many requests of this address wait')
    this.#waitingFiles.set(address, count + 1)
    return () => {
      const left = (this.#waitingFiles.get(address) ?? 1) - 1
      if (left === 0) this.#waitingFiles.delete(address)
      else this.#waitingFiles.set(address, left)
    }
  }

  #send({ raw }: FastifyRequest, response: FastifyReply['raw'], answer: Answer | HlsRefusal): void {
    send(raw, response, answer, this.#origins.headers(raw.headers))
    cutIfStopped(raw.socket, response, Math.max(longestSend, longestWait * this.#settings.segmentDuration))
  }

  #fail(request: FastifyRequest, reply: FastifyReply, error: unknown): void {
    if (!(error instanceof HlsRefusal)) this.#host.log.error({ err: error }, 'a request for HLS failed')
    const refusal = error instanceof HlsRefusal ? error : new HlsRefusal(500, 'this failed inside of the server')
    this.#send(request, reply.raw, refusal)
  }

  #watch(): void {
    this.#timer ??= setInterval(() => this.#look(), lookInterval).unref()
  }

  #look(): void {
    const now = performance.now()
    this.#sessions.expire(now)
    for (const program of this.#programs.look(now)) this.#forget(program)
    for (const folder of this.#folders.expire(now)) this.#shared.delete(folder)
    if (this.#settings.always || this.#programs.size > 0 || this.#sessions.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #forget(program: Program): void {
    this.#sessions.clear(program)
    for (const folder of this.#folders.forget(program)) this.#shared.delete(folder)
  }

  #close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#sessions.clear()
    this.#programs.close()
    this.#folders.clear()
    this.#shared.clear()
  }
}

/** A viewer takes nothing from the stream: it asks for files. */
class NoOutput implements ViewOutput {
  readonly queuedBytes = 0
  readonly bytesSent = 0
  #onEnd: (() => void) | undefined
  #hasEnded = false

  take(): void {}

  ended(): void {
    this.#hasEnded = true
    this.#onEnd?.()
  }

  onEnd(onEnd: () => void): void {
    this.#onEnd = onEnd
    if (this.#hasEnded) onEnd()
  }
}

/** Waits for a stream that comes from elsewhere, like another worker: it is there a moment after the viewer. */
async function becomesLive(view: View, signal: AbortSignal): Promise<void> {
  const stream = view.play?.stream
  try {
    for (let waited = 0; stream?.isLive === false && waited < sourceWait; waited += sourceLook)
      await pause(sourceLook, undefined, { signal })
  } catch (error) {
    view.leave()
    throw error
  }
}

/** A folder by one name, however its letters are written. */
function folderOf(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw nothing()
  }
}

function nothing(): HlsRefusal {
  return new HlsRefusal(404, 'there is nothing here')
}
