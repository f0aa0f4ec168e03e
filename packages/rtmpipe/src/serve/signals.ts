import { constants } from 'node:os'

/** What a process does when it is told to end. */
export interface Endings {
  /** Lets those who are there finish, and resolves when they have. */
  drain(): Promise<unknown>
  /** Ends in peace, within seconds. Also while it drains. */
  stop(): Promise<unknown>
  /** Leaves nothing behind, now; the process exits in the same turn. */
  abandon(): void
}

/**
 * SIGUSR2 drains. SIGTERM and SIGINT stop, and a second one ends the process at once.
 *
 * @param isPatient a second signal means nothing: somebody else loses patience with this process
 */
export function endOnSignals(endings: Endings, isPatient = false): void {
  let isStopping = false
  const exit = () => process.exit(0)
  const stop = (signal: 'SIGTERM' | 'SIGINT') => {
    if (!isStopping) {
      isStopping = true
      void endings.stop().finally(exit)
    } else if (!isPatient) {
      endings.abandon()
      process.exit(128 + constants.signals[signal])
    }
  }
  process.on('SIGTERM', stop).on('SIGINT', stop)
  process.on('SIGUSR2', () => void endings.drain().finally(exit))
}
