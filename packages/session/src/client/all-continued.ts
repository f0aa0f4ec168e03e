/** Resolves when everybody who awaited what has just been resolved has gone on: may listen, before anything more happens. */
export function allContinued(): Promise<void> {
  // Ticks that a microtask asks for come when all microtasks are done.
  return new Promise(resolve => queueMicrotask(() => process.nextTick(resolve)))
}
