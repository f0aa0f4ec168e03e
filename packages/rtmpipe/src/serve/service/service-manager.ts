import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Logger } from '@rtmpipe/session'

/**
 * Tells systemd one line of words after the other. The shell outlives us by what is on its way, and is not for signals,
 * which systemd and terminals send to all of us.
 */
const helper = `trap '' HUP INT TERM USR1 USR2
set -f
command -v systemd-notify >/dev/null || exit 127
while read -r words; do systemd-notify $words; done`

/**
 * Tells the service manager how this process is, by sd_notify(3): the line to it is a datagram socket of the file system
 * or an abstract one, which Node can't open. `systemd-notify` can, and is there where systemd is. A shell started once
 * calls it, for which a server that holds gigabytes need not be copied each time.
 */
export class ServiceManager {
  readonly #helper: ChildProcess
  /** Milliseconds between two signs of life; undefined when nobody waits for them. */
  readonly #interval: number | undefined
  #isReady = false

  private constructor(environment: Readonly<NodeJS.ProcessEnv>, log: Logger) {
    this.#interval = watchdogInterval(environment, process.pid)
    this.#helper = spawn('/bin/sh', ['-c', helper], { stdio: ['pipe', 'ignore', 'inherit'] })
    this.#helper.on('error', error => log.warn({ err: error }, 'systemd is not told how we are'))
    this.#helper.once('exit', code => {
      if (code === 127) log.warn({}, 'systemd is not told how we are: there is no program systemd-notify')
    })
    // Whoever ends it, we go on.
    this.#helper.stdin?.on('error', () => {})
    // Nobody stays for it.
    this.#helper.unref()
    ;(this.#helper.stdin as Socket | null)?.unref()
  }

  /** Undefined when nobody wants to know. */
  static of(environment: Readonly<NodeJS.ProcessEnv>, log: Logger): ServiceManager | undefined {
    return environment['NOTIFY_SOCKET'] ? new ServiceManager(environment, log) : undefined
  }

  /** It serves, from now on or again. */
  ready(): void {
    this.#tell('READY=1')
    if (this.#isReady) return
    this.#isReady = true
    // A timer of the event loop: one that hangs gives no sign of life.
    if (this.#interval !== undefined) setInterval(() => this.#tell('WATCHDOG=1'), this.#interval).unref()
  }

  /** It reads its configuration again, until it is {@link ready}. */
  reloading(): void {
    const microseconds = process.hrtime.bigint() / 1_000n
    this.#tell(`RELOADING=1 MONOTONIC_USEC=${microseconds}`)
  }

  /** It is about to end. */
  stopping(): void {
    this.#tell('STOPPING=1')
  }

  /** Nobody new is let in. Not `STOPPING=1`, after which systemd waits no longer than for a stop. */
  draining(): void {
    this.#tell('STATUS=draining')
  }

  #tell(words: string): void {
    this.#helper.stdin?.write(`${words}\n`)
  }
}

/** sd_watchdog_enabled(3). @returns milliseconds between two signs of life, half of what is waited for */
export function watchdogInterval(environment: Readonly<NodeJS.ProcessEnv>, pid: number): number | undefined {
  const microseconds = Number(environment['WATCHDOG_USEC'])
  const waitedFor = environment['WATCHDOG_PID']
  if (!(microseconds > 0) || (waitedFor && Number(waitedFor) !== pid)) return undefined
  return microseconds / 2_000
}
