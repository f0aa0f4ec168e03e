import type { Host } from '@rtmpipe/session'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { CrossOrigin } from '../../access/cross-origin.ts'
import { DvrFolder } from '../dvr/dvr-folder.ts'
import type { Recording } from '../dvr/recording.ts'
import { Files } from '../file/files.ts'
import type { HlsSettings } from '../hls-options.ts'
import type { Answer } from './answer.ts'
import { CacheTimes } from './cache-times.ts'
import { Entrance } from './entrance.ts'
import { Exchange } from './exchange.ts'
import { Folders } from './folders.ts'
import { HlsRefusal } from './hls-refusal.ts'
import { hlsRefusalOf } from './hls-refusal-of.ts'
import { directivesOf, nothingHere } from './hls-request.ts'
import type { Program } from './program.ts'
import { Programs } from './programs.ts'
import { cutIfStopped, send, sendPreflight } from './send.ts'
import { type HlsSession, HlsSessions } from './sessions.ts'
import { cookieHeaders, cookieTokens } from './viewer-cookie.ts'
import type { Watched } from './watched.ts'

/** Of the parameter that says who asks. */
const tokenName = 'viewer'
/** Milliseconds between two looks at who has left. */
const lookInterval = 1_000
/** Milliseconds that a first request waits for something to play. */
const firstWait = 15_000
/** Target durations that a request waits (RFC 8216bis §6.2.5.2). */
const longestWait = 3
/** Milliseconds that a viewer may take for an answer, where segments are not longer than that. */
const longestSend = 30_000
/** Milliseconds after which a viewer of a recording who has paused begins anew. */
const longestPause = 3_600_000
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
  readonly #entrance: Entrance
  readonly #dvr: DvrFolder | undefined
  readonly #files: Files
  #opened: Promise<void> | undefined
  #waiting = 0
  /** Requests for files that wait, by the address that they came from: they have no token. */
  readonly #waitingFiles = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(host: Host, settings: HlsSettings) {
    this.#host = host
    this.#settings = settings
    this.#origins = new CrossOrigin(settings.origins)
    const { dvr, window, keepEnded, cdn } = settings
    const folder = dvr?.folder
    this.#dvr =
      dvr === undefined || folder === undefined
        ? undefined
        : new DvrFolder({ ...dvr, folder }, new CacheTimes(cdn), host.log)
    this.#files = new Files(host, settings)
    this.#programs = new Programs(host.server.streams, settings, this.#dvr)
    this.#sessions = new HlsSessions(settings)
    this.#folders = new Folders(Math.max(window, keepEnded, longestPause))
    const [programs, sessions, folders] = [this.#programs, this.#sessions, this.#folders]
    this.#entrance = new Entrance({ host, programs, sessions, folders, dvr: this.#dvr, files: this.#files })
    if (settings.always) this.#watch()
    host.signal.addEventListener('abort', () => this.#close(), { once: true })
  }

  /** To be called before the first request. @throws UsageError `RTMP_ERR_USAGE` where segments can not be written */
  open(): Promise<void> {
    this.#opened ??= this.#dvr?.open() ?? Promise.resolve()
    return this.#opened
  }

  /** Resolves when all is written, after the host's end. */
  async closed(): Promise<void> {
    await this.#dvr?.close()
  }

  /** Answers a request. */
  handle(request: FastifyRequest, reply: FastifyReply): void {
    reply.hijack()
    if (request.raw.method === 'OPTIONS') return sendPreflight(reply.raw, this.#origins.preflight(request.raw.headers))
    let exchange: Exchange
    try {
      exchange = new Exchange(request, reply)
    } catch (error) {
      return send(request.raw, reply.raw, hlsRefusalOf(error), this.#origins.headers(request.raw.headers))
    }
    try {
      const answer = this.#answer(exchange)
      if (answer instanceof Promise) {
        answer.then(
          late => late && this.#send(exchange, late),
          error => this.#fail(exchange, error),
        )
      } else if (answer !== undefined) this.#send(exchange, answer)
    } catch (error) {
      this.#fail(exchange, error)
    }
  }

  /** @returns undefined where the answer is sent later */
  #answer(exchange: Exchange): Answer | undefined | Promise<Answer | undefined> {
    if (!this.#origins.allows(exchange.request.headers))
      throw new HlsRefusal(403, 'pages of this origin may not watch: the server names those that may')
    const { folder, file, query } = exchange.asked
    if (!file.endsWith('.m3u8')) return this.#file(exchange)
    const known = this.#known(exchange)
    if (file === 'index.m3u8') {
      if (known !== undefined && !this.#entrance.isPast(known, folder)) return this.#index(known, exchange)
      if (known !== undefined) this.#sessions.end(known)
      return this.#begin(exchange)
    }
    if (known === undefined)
      throw new HlsRefusal(403, 'begin with index.m3u8: it has the addresses of the other playlists')
    const directives = directivesOf(query)
    const name = file.slice(0, -'.m3u8'.length)
    const check = (): Answer | undefined => known.program.playlist(name, directives)
    const wait = longestWait * known.program.targetDuration
    return check() ?? this.#later(known.program, exchange, check, wait)
  }

  /** Parts and segments: who knows their names has read them in a playlist. */
  #file(exchange: Exchange): Answer | undefined {
    const { folder, file } = exchange.asked
    let refusal = nothingHere()
    for (const program of this.#folders.programs(folder)) {
      try {
        const check = (): Answer | undefined => program.file(file)
        const answer = check()
        this.#folders.use(folder, program, performance.now())
        exchange.session =
          this.#byCookie(exchange) ?? this.#sessions.fetching(program, exchange.address, exchange.connection)
        // Nobody asks for a playlist twice that does not change.
        if (program.endedAt !== undefined && exchange.session !== undefined)
          exchange.session.lastSeen = performance.now()
        return answer ?? this.#later(program, exchange, check, longestWait * program.targetDuration)
      } catch (error) {
        refusal = hlsRefusalOf(error)
      }
    }
    throw refusal
  }

  /** A viewer who has no token yet. */
  async #begin(exchange: Exchange): Promise<Answer | undefined> {
    const session = await (this.#settings.cdn ? this.#entrance.join(exchange) : this.#entrance.enter(exchange))
    this.#watch()
    this.#seen(session, exchange)
    return this.#index(session, exchange)
  }

  #index(session: HlsSession, exchange: Exchange): Answer | undefined {
    const check = (): Answer | undefined => this.#indexFor(session, exchange)
    return check() ?? this.#later(session.program, exchange, check, firstWait)
  }

  #indexFor(session: HlsSession, { asked, request }: Exchange): Answer | undefined {
    const { token, program } = session
    if (this.#settings.token === 'query') return program.index(`?${tokenName}=${token}`)
    const answer = program.index('')
    const { protocol, headers } = request
    const isForeign = headers.origin !== undefined && !headers.origin.endsWith(`//${headers.host}`)
    const scope = { folder: asked.rawFolder, isSecure: protocol === 'https', isForeign }
    return answer && { ...answer, headers: cookieHeaders(token, scope) }
  }

  /**
   * The session that a request says it is of; undefined if it says none.
   *
   * @throws HlsRefusal 403 for a token in the query that is not known here
   */
  #known(exchange: Exchange): HlsSession | undefined {
    const token = exchange.asked.query.get(tokenName)
    const session = token === null ? this.#byCookie(exchange) : this.#byToken(token, exchange)
    if (token !== null && session === undefined)
      throw new HlsRefusal(403, 'this viewer is not known, or no longer: begin with index.m3u8')
    if (session !== undefined) this.#seen(session, exchange)
    return session
  }

  #byCookie(exchange: Exchange): HlsSession | undefined {
    if (this.#settings.token === 'query') return undefined
    // Cookies that are good no more may be there as well.
    for (const token of cookieTokens(exchange.request.headers)) {
      const session = this.#byToken(token, exchange)
      if (session !== undefined) return session
    }
    return undefined
  }

  #byToken(token: string, { asked }: Exchange): HlsSession | undefined {
    const session = this.#sessions.get(token)
    return session && this.#folders.use(asked.folder, session.program, performance.now()) ? session : undefined
  }

  #seen(session: HlsSession, exchange: Exchange): void {
    exchange.session = session
    this.#sessions.asked(session, exchange.address, exchange.connection, performance.now())
  }

  /** Answers when there is what was asked for. */
  #later(program: Watched, exchange: Exchange, check: () => Answer | undefined, wait: number): undefined {
    const { address, response } = exchange
    // A request for a file has no token: whose it is, is only likely.
    const session = exchange.asked.file.endsWith('.m3u8') ? exchange.session : undefined
    if (this.#waiting >= this.#settings.maxWaiting) throw new HlsRefusal(503, 'too many requests wait')
    // One token is all viewers there.
    if (!this.#settings.cdn && session !== undefined && session.waiting >= maxWaitingOfSession)
      throw new HlsRefusal(429, 'too many requests of this viewer wait')
    const giveBack = session === undefined ? this.#waitForFile(address) : undefined
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
        this.#send(exchange, answer)
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

  #send({ request: { raw }, response, session }: Exchange, answer: Answer | HlsRefusal): void {
    send(raw, response, answer, this.#origins.headers(raw.headers), bytes => {
      if (session !== undefined) session.bytesSent += bytes
    })
    cutIfStopped(raw.socket, response, Math.max(longestSend, longestWait * this.#settings.segmentDuration))
  }

  #fail(exchange: Exchange, error: unknown): void {
    if (!(error instanceof HlsRefusal)) this.#host.log.error({ err: error }, 'a request for HLS failed')
    this.#send(exchange, error instanceof HlsRefusal ? error : new HlsRefusal(500, 'this failed inside of the server'))
  }

  #watch(): void {
    this.#timer ??= setInterval(() => this.#look(), lookInterval).unref()
  }

  #look(): void {
    const now = performance.now()
    this.#sessions.expire(now)
    for (const program of this.#programs.look(now)) this.#forget(program)
    for (const folder of this.#folders.expire(now)) this.#entrance.forget(folder)
    this.#dvr?.look()
    this.#files.look(now, program => this.#folders.of(program).length > 0)
    if (this.#settings.always || this.#programs.size + this.#sessions.size + this.#folders.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #forget(program: Program): void {
    this.#sessions.clear(program)
    const folders = this.#folders.of(program)
    const forget = (): void => {
      for (const folder of this.#folders.forget(program)) this.#entrance.forget(folder)
    }
    if (program.left === undefined) return forget()
    // Its files are had from it until the recording has them.
    void program.left
      .then(recording => recording && this.#goOn(recording, folders))
      .catch(() => {})
      .finally(forget)
  }

  /** Who watches a stream that is over watches on. */
  async #goOn(recording: Recording, folders: readonly string[]): Promise<void> {
    if (folders.length === 0) return
    await this.#dvr?.load(recording)
    for (const folder of folders) this.#folders.add(folder, recording, performance.now())
  }

  #close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#sessions.clear()
    this.#programs.close()
    this.#files.close()
    this.#folders.clear()
    this.#entrance.close()
  }
}
