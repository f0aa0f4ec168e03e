/** Node's `process.nextTick`: after what runs now, before anything else that waits. */
export function nextTick<Args extends readonly unknown[]>(run: (...args: Args) => void, ...args: Args): void {
  queueMicrotask(() => run(...args))
}
