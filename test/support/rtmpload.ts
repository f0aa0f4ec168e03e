import { rtmploadSource } from './programs.ts'
import { run, RunningProgram } from './running-program.ts'
import { TemporaryFolder } from './temporary-folder.ts'

/** The part of the load generator's report that tests look at; its README tells the rest. */
export interface LoadReport {
  /** Every message arrived at every player, intact, in order and decodable. */
  readonly ok: boolean
  readonly failures: readonly unknown[]
  readonly reasons?: readonly unknown[]
  readonly players_playing: number
  readonly expected_msgs: number
  readonly delivered_msgs: number
  readonly lost: number
  readonly corrupted: number
  /** Resident memory of the server's process, in megabytes, at most and at the start of the run. */
  readonly server_rss_mb: number
  readonly server_rss_start_mb: number
}

/** The report of players that stop reading for a while. */
export interface SlowReport extends LoadReport {
  readonly healthy: { readonly players: number; readonly lost: number; readonly closed: number }
  readonly stalled: { readonly players: number; readonly disconnected: number; readonly gap_msgs: number }
  readonly server_rss_growth_mb: number
}

/** The load generator, built from the sources beside the repository, which may be read-only. */
export class Rtmpload implements AsyncDisposable {
  readonly #folder: TemporaryFolder

  private constructor(folder: TemporaryFolder) {
    this.#folder = folder
  }

  static async build(): Promise<Rtmpload> {
    const rtmpload = new Rtmpload(await TemporaryFolder.create())
    await run('make', ['-C', rtmploadSource, 'TLS=1', `BIN=${rtmpload.#file}`])
    return rtmpload
  }

  /** Runs `rtmpload relay`, for at most so many milliseconds (default 60 s); an error unless all was verified. */
  relay(args: readonly string[], limit?: number): Promise<LoadReport> {
    return this.#report('relay', args, limit)
  }

  /** Runs `rtmpload slow`; an error unless all was verified. */
  slow(args: readonly string[]): Promise<SlowReport> {
    return this.#report<SlowReport>('slow', args)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#folder[Symbol.asyncDispose]()
  }

  get #file(): string {
    return this.#folder.file('rtmpload')
  }

  async #report<Report extends LoadReport>(mode: string, args: readonly string[], limit = 60_000): Promise<Report> {
    await using program = new RunningProgram({ file: this.#file, args: [mode, ...args], limit })
    // 1: something was not as it should be, and the report says what.
    const { stdout } = await program.finish(0, 1)
    const report = JSON.parse(stdout.at(-1) ?? '') as Report
    if (!report.ok)
      throw program.failure(`without verifying everything: ${JSON.stringify([report.failures, report.reasons])}`)
    return report
  }
}
