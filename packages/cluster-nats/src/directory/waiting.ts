import type { Clock } from '../contract/clock.ts'

/** Resolves after that many milliseconds, or when it is aborted. */
export function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return waitFor(signal, resolve => clock.after(milliseconds, resolve))
}

/** Resolves when what is begun says so, or when it is aborted. @param begin returns what ends it */
export function waitFor<T>(
  signal: AbortSignal,
  begin: (resolve: (value: T) => void) => () => void,
): Promise<T | undefined>
export function waitFor(signal: AbortSignal, begin: (resolve: () => void) => () => void): Promise<void>
export function waitFor<T>(
  signal: AbortSignal,
  begin: (resolve: (value?: T) => void) => () => void,
): Promise<T | undefined> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve(undefined)
    let end = (): void => {}
    let isOver = false
    const finish = (value?: T): void => {
      if (isOver) return
      isOver = true
      signal.removeEventListener('abort', abort)
      end()
      resolve(value)
    }
    const abort = (): void => finish()
    signal.addEventListener('abort', abort, { once: true })
    end = begin(finish)
    // It was there at once.
    if (isOver) end()
  })
}
