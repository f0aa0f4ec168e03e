import { LiveReports } from '../../report/live-report.ts'
import type { ServerEvent } from '../../report/report.ts'
import type { Reports } from '../../report/reports.ts'
import type { EventFeed } from './event-feed.ts'

/** Milliseconds between two reports at least, whatever happens. */
const least = 700

/** Sends reports to one client of events: every some seconds, and soon after something has begun or ended. */
export class ReportSender {
  readonly #reports: LiveReports
  readonly #feed: EventFeed
  readonly #interval: number
  readonly #hasPlayers: boolean
  #timer: NodeJS.Timeout | undefined
  /** When the newest report was asked for, by the clock of `performance`. */
  #last = 0
  /** When the next one is due. */
  #due = Infinity
  #isBusy = false
  #isStopped = false

  /**
   * @param interval milliseconds between two reports
   * @param players id of the stream whose players are told too; `*` for all
   */
  constructor(reports: Reports, feed: EventFeed, interval: number, players?: string) {
    this.#reports = new LiveReports(reports, players)
    this.#feed = feed
    this.#interval = interval
    this.#hasPlayers = players !== undefined
    void this.#send()
  }

  /** A client sees what an event says in numbers too, within a second. */
  note({ type }: ServerEvent): void {
    if (type === 'refusal' || type.startsWith('connection.')) return
    if (type.startsWith('play.') && !this.#hasPlayers) return
    this.#schedule(Math.max(this.#last + least, performance.now() + 50))
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #schedule(due: number): void {
    if (this.#isStopped || due >= this.#due) return
    this.#due = due
    // While one is being made, the next waits for it.
    if (this.#isBusy) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#send(), Math.max(0, due - performance.now())).unref()
  }

  async #send(): Promise<void> {
    this.#isBusy = true
    this.#due = Infinity
    this.#last = performance.now()
    try {
      // Nothing is made for a client that has not taken the one before.
      if (this.#feed.keepsUp) {
        const report = await this.#reports.next()
        this.#feed.sendReport(`event: report\ndata: ${JSON.stringify(report)}\n\n`)
      }
    } catch (error) {
      this.#feed.destroy(error as Error)
    }
    this.#isBusy = false
    const due = Math.min(this.#due, this.#last + this.#interval)
    this.#due = Infinity
    this.#schedule(due)
  }
}
