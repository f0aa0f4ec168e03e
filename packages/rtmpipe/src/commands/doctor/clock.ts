import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Finding, fine, problem, warning } from './finding.ts'

/** No machine that runs this has an earlier date. */
const earliest = Date.UTC(2026, 0)
/** Milliseconds by which the two clocks of a machine may part while we look. */
const tolerance = 100
/** Milliseconds to look for, at least. */
const watch = 250

/** Where the time comes from; tests have their own. */
export interface Clocks {
  /** Of the calendar, which may be set. Milliseconds. */
  now(): number
  /** Which nobody sets. Milliseconds. */
  monotonic(): number
  /** Whether the clock follows a time server; undefined where that is not known. */
  isSynchronized(): Promise<boolean | undefined>
}

const systemClocks: Clocks = {
  now: Date.now,
  monotonic: () => performance.now(),
  isSynchronized,
}

/** Looks at the clock of the calendar, beside the one that only counts, from now until the findings are asked for. */
export class ClockWatch {
  readonly #clocks: Clocks
  readonly #began: number
  readonly #offset: number

  constructor(clocks: Clocks = systemClocks) {
    this.#clocks = clocks
    this.#began = clocks.monotonic()
    this.#offset = clocks.now() - this.#began
  }

  async findings(): Promise<readonly Finding[]> {
    const { now, monotonic } = this.#clocks
    const isSynchronized = await this.#clocks.isSynchronized()
    const left = watch - (monotonic() - this.#began)
    if (left > 0) await sleep(left)
    const moved = Math.round(now() - monotonic() - this.#offset)
    if (now() < earliest)
      return [
        problem('clock', `says ${new Date(now()).toISOString()}, which can't be`, 'set it: timedatectl set-ntp true'),
      ]
    if (Math.abs(moved) > tolerance)
      return [
        warning(
          'clock',
          `was set by ${moved} ms while we looked: signed URLs, tokens and names of recordings go by it`,
          'let one service keep it, which slews and does not step: chrony, or systemd-timesyncd',
        ),
      ]
    if (isSynchronized === false)
      return [
        warning(
          'clock',
          'follows no time server: signed URLs, tokens and certificates go by it',
          'timedatectl set-ntp true, or install chrony',
        ),
      ]
    return [
      fine(
        'clock',
        isSynchronized ? 'follows a time server' : 'runs evenly; whether it follows a time server is not known',
      ),
    ]
  }
}

/** By systemd, where there is one. */
async function isSynchronized(): Promise<boolean | undefined> {
  const answer = await new Promise<string>(resolve => {
    const args = ['show', '--property=NTPSynchronized', '--value']
    execFile('timedatectl', args, { timeout: 2_000 }, (error, stdout) => resolve(error ? '' : stdout.trim()))
  })
  if (answer === 'yes' || answer === 'no') return answer === 'yes'
  return await access('/run/systemd/timesync/synchronized').then(
    () => true,
    () => undefined,
  )
}
