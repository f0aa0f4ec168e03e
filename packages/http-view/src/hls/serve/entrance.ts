import { setTimeout as pause } from 'node:timers/promises'
import type { Host, View, ViewOutput } from '@rtmpipe/session'
import { streamAt } from '../../access/stream-path.ts'
import { viewerOf } from '../../access/viewer-of.ts'
import type { Exchange } from './exchange.ts'
import type { Folders } from './folders.ts'
import { HlsRefusal } from './hls-refusal.ts'
import { hlsRefusalOf } from './hls-refusal-of.ts'
import { nothingHere } from './hls-request.ts'
import type { Programs } from './programs.ts'
import type { HlsSession, HlsSessions } from './sessions.ts'

/** Milliseconds for a stream to come from elsewhere, and how often that is looked at. */
const [sourceWait, sourceLook] = [1_000, 25]

/** What viewers are let in to. */
export interface EntranceContext {
  readonly host: Host
  readonly programs: Programs
  readonly sessions: HlsSessions
  readonly folders: Folders
}

/** Lets viewers in who have no token yet: gates are asked. */
export class Entrance {
  readonly #host: Host
  readonly #programs: Programs
  readonly #sessions: HlsSessions
  readonly #folders: Folders
  /** With a proxy in front: the session that all viewers of a folder share, or will. */
  readonly #shared = new Map<string, Promise<HlsSession>>()

  constructor({ host, programs, sessions, folders }: EntranceContext) {
    this.#host = host
    this.#programs = programs
    this.#sessions = sessions
    this.#folders = folders
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
    if (known !== undefined && this.#sessions.get(known.token) === known) {
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
    // Taken apart as other paths are, which are not decoded yet.
    const path = streamAt(encodeURIComponent(exchange.asked.folder), this.#host.server.streams)
    if (path === undefined) throw nothingHere()
    const { app, name } = path
    const viewer = viewerOf(request, 'hls', app)
    const giveBack = this.#sessions.reserve(address)
    const left = new AbortController()
    const leave = (): void => left.abort(new HlsRefusal(400, 'the viewer has left'))
    if (!isForAll) response.once('close', leave)
    const output = new NoOutput()
    try {
      // Whoever asks first does not open the door for all with what it knows.
      const who = isForAll ? { ...viewer, query: '' } : viewer
      const what = { ...who, start: 'live', follow: true, signal: left.signal } as const
      const view = await this.#host.view(app, name, what, output)
      await becomesLive(view, left.signal)
      return this.#admit(exchange, view, output)
    } catch (error) {
      giveBack()
      throw left.signal.aborted ? left.signal.reason : hlsRefusalOf(error)
    } finally {
      response.off('close', leave)
    }
  }

  /** Nobody is let in by what all shared there. */
  forget(folder: string): void {
    this.#shared.delete(folder)
  }

  close(): void {
    this.#shared.clear()
  }

  #admit({ asked, address }: Exchange, view: View, output: NoOutput): HlsSession {
    const stream = view.play?.stream
    const program = stream && this.#programs.open(stream)
    if (stream === undefined || program === undefined) {
      view.leave()
      throw new HlsRefusal(404, 'nobody publishes this stream')
    }
    const now = performance.now()
    this.#folders.add(asked.folder, program, now)
    const session = this.#sessions.add({ address, view, program }, now)
    output.session = session
    output.onEnd(() => {
      session.view = undefined
      // What is left of a stream can be watched to its end; otherwise somebody has ended the viewer.
      if (program.endedAt === undefined && stream.isLive) this.#sessions.end(session)
    })
    return session
  }
}

/** A viewer takes nothing from the stream: it asks for files. */
class NoOutput implements ViewOutput {
  readonly queuedBytes = 0
  session: HlsSession | undefined
  #onEnd: (() => void) | undefined
  #hasEnded = false

  get bytesSent(): number {
    return this.session?.bytesSent ?? 0
  }

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
