import { setTimeout as pause } from 'node:timers/promises'
import type { Host, PlayInfo, StatusError, StreamView, View, ViewOutput } from '@rtmpipe/session'
import { streamAt, type StreamPath } from '../../access/stream-path.ts'
import { viewerOf } from '../../access/viewer-of.ts'
import type { DvrFolder } from '../dvr/dvr-folder.ts'
import { Recording } from '../dvr/recording.ts'
import type { Files } from '../file/files.ts'
import type { Exchange } from './exchange.ts'
import type { Folders } from './folders.ts'
import { HlsRefusal } from './hls-refusal.ts'
import { hlsRefusalOf } from './hls-refusal-of.ts'
import { nothingHere } from './hls-request.ts'
import type { Programs } from './programs.ts'
import type { HlsSession, HlsSessions } from './sessions.ts'
import type { Watched } from './watched.ts'

/** Milliseconds for a stream to come from elsewhere, and how often that is looked at. */
const [sourceWait, sourceLook] = [1_000, 25]

/** Bytes beyond what a connection may hold. */
const heldBytes = 256 * 1024

/** A folder of what was kept: the folder of the stream, and a date. */
const dated = /^(.+)\/(\d{8}-\d{6})$/

/** What viewers are let in to. */
export interface EntranceContext {
  readonly host: Host
  readonly programs: Programs
  readonly sessions: HlsSessions
  readonly folders: Folders
  readonly dvr: DvrFolder | undefined
  readonly files: Files
}

/** Lets viewers in who have no token yet: gates are asked. */
export class Entrance {
  readonly #host: Host
  readonly #programs: Programs
  readonly #sessions: HlsSessions
  readonly #folders: Folders
  readonly #dvr: DvrFolder | undefined
  readonly #files: Files
  /** With a proxy in front: the session that all viewers of a folder share, or will. */
  readonly #shared = new Map<string, Promise<HlsSession>>()

  constructor({ host, programs, sessions, folders, dvr, files }: EntranceContext) {
    this.#host = host
    this.#programs = programs
    this.#sessions = sessions
    this.#folders = folders
    this.#dvr = dvr
    this.#files = files
  }

  /**
   * A session that all viewers of the folder share.
   *
   * @throws HlsRefusal
   */
  async join(exchange: Exchange): Promise<HlsSession> {
    const { folder } = exchange.asked
    const joining = this.#shared.get(folder)
    const known = await joining?.catch(() => undefined)
    // Of those who have waited together, one asks again.
    const other = this.#shared.get(folder)
    if (other !== undefined && other !== joining) return other
    if (known !== undefined && this.#sessions.get(known.token) === known && !this.isPast(known, folder)) {
      known.lastSeen = performance.now()
      this.#folders.use(folder, known.program, known.lastSeen)
      return known
    }
    const entering = this.enter(exchange, true)
    this.#shared.set(folder, entering)
    entering.catch(() => this.#shared.get(folder) === entering && this.#shared.delete(folder))
    return entering
  }

  /**
   * A session for a viewer.
   *
   * @param isForAll it is not for this viewer alone
   * @throws HlsRefusal
   */
  async enter(exchange: Exchange, isForAll = false): Promise<HlsSession> {
    const { request, response, address } = exchange
    const { app, name, date } = this.#wanted(exchange.asked.folder)
    const viewer = viewerOf(request, 'hls', app)
    const giveBack = this.#sessions.reserve(address)
    const left = new AbortController()
    const leave = (): void => left.abort(new HlsRefusal(400, 'the viewer has left'))
    if (!isForAll) response.once('close', leave)
    const output = new NoOutput()
    try {
      // Whoever asks first does not open the door for all with what it knows.
      const who = isForAll ? { ...viewer, query: '' } : viewer
      const what = { ...who, ...(date !== undefined && { start: 'live' as const }), follow: true, signal: left.signal }
      const view = await this.#host.view(app, name, what, output)
      return await this.#admit(exchange, view, output, date, left.signal)
    } catch (error) {
      giveBack()
      throw left.signal.aborted ? left.signal.reason : hlsRefusalOf(error)
    } finally {
      response.off('close', leave)
    }
  }

  /** Whether somebody who comes to the folder now is shown something else than what is left of an earlier publish. */
  isPast({ program }: HlsSession, folder: string): boolean {
    if (!(program instanceof Recording) || dated.test(folder)) return false
    const { app, name } = program.stream
    return this.#host.server.streams.get(app, name)?.isLive === true || this.#dvr?.recording(app, name) !== program
  }

  /** Nobody is let in by what all shared there. */
  forget(folder: string): void {
    this.#shared.delete(folder)
  }

  close(): void {
    this.#shared.clear()
  }

  /** What a folder means: a stream, or what was kept of one. */
  #wanted(folder: string): StreamPath & { readonly date?: string } {
    // Taken apart as other paths are, which are not decoded yet.
    const encoded = encodeURIComponent(folder)
    const { streams } = this.#host.server
    const path = streamAt(encoded, streams)
    if (path === undefined) throw nothingHere()
    const dvr = this.#dvr
    if (dvr === undefined || streams.get(path.app, path.name)?.isLive === true) return path
    const [, before = folder, date] = dated.exec(folder) ?? []
    const kept = { get: (app: string, name: string) => ({ isLive: dvr.recording(app, name, date) !== undefined }) }
    const found = streamAt(encodeURIComponent(before), kept)
    if (found === undefined || dvr.recording(found.app, found.name, date) === undefined) return path
    return date === undefined ? found : { ...found, date }
  }

  async #admit(
    { asked, address }: Exchange,
    view: View,
    output: NoOutput,
    date: string | undefined,
    signal: AbortSignal,
  ): Promise<HlsSession> {
    const { play } = view
    const stream = play?.stream
    try {
      if (play !== undefined && stream === undefined) output.queuedBytes = heldBytes
      const program = play && (await this.#programOf(play, date, signal))
      if (program === undefined) throw new HlsRefusal(404, 'nobody publishes this stream')
      const now = performance.now()
      this.#folders.add(asked.folder, program, now)
      const session = this.#sessions.add({ address, view, program }, now)
      output.session = session
      output.onEnd(reason => {
        session.view = undefined
        // Who has waited in vain for the next publish can watch what is left of this one; others were sent away.
        const isLeft = program.endedAt !== undefined || stream?.isLive !== true
        if (!isLeft || reason?.statusCode !== 'NetStream.Play.StreamNotFound') this.#sessions.end(session)
      })
      return session
    } catch (error) {
      view.leave()
      throw error
    }
  }

  async #programOf(
    { app, streamName, stream }: PlayInfo,
    date: string | undefined,
    signal: AbortSignal,
  ): Promise<Watched | undefined> {
    if (stream === undefined) return this.#files.open(app, streamName)
    const { name } = stream
    const program = date === undefined ? await this.#liveProgram(stream, signal) : undefined
    if (program !== undefined) return program
    const recording = this.#dvr?.recording(app, name, date)
    await (recording && this.#dvr?.load(recording))
    return recording
  }

  async #liveProgram(stream: StreamView, signal: AbortSignal): Promise<Watched | undefined> {
    const known = this.#programs.open(stream)
    if (known !== undefined) return known
    await becomesLive(stream, signal)
    return this.#programs.open(stream)
  }
}

/** A viewer takes nothing from the stream: it asks for files. */
class NoOutput implements ViewOutput {
  /** A file is not read for a viewer who asks for its segments: more waits than is sent to who takes nothing. */
  queuedBytes = 0
  session: HlsSession | undefined
  #onEnd: ((reason: StatusError | undefined) => void) | undefined
  #ended: { readonly reason: StatusError | undefined } | undefined

  get bytesSent(): number {
    return this.session?.bytesSent ?? 0
  }

  take(): void {}

  ended(reason: StatusError | undefined): void {
    this.#ended = { reason }
    this.#onEnd?.(reason)
  }

  onEnd(onEnd: (reason: StatusError | undefined) => void): void {
    this.#onEnd = onEnd
    if (this.#ended !== undefined) onEnd(this.#ended.reason)
  }
}

/** Waits for a stream that comes from elsewhere, like another worker: it is there a moment after the viewer. */
async function becomesLive(stream: StreamView, signal: AbortSignal): Promise<void> {
  for (let waited = 0; !stream.isLive && waited < sourceWait; waited += sourceLook)
    await pause(sourceLook, undefined, { signal })
}
