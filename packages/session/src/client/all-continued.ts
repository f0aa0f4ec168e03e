/**
 * Resolves when all code that awaited a promise resolved just now has run on, so that it can add listeners before more
 * happens.
 */
export function allContinued(): Promise<void> {
  // Ticks that a microtask asks for come when all microtasks are done.
  return new Promise(resolve => queueMicrotask(() => process.nextTick(resolve)))
}
