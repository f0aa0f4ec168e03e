type Run = () => void

const waiting = new Map<number, Run>()
let last = 0

/** Timers would do it, but not sooner than after 4 ms, and after a second in a page that is hidden. */
const { port1, port2: caller } = new MessageChannel()
const calls = port1 as unknown as { onmessage: (event: { readonly data: number }) => void }
calls.onmessage = ({ data }) => {
  const run = waiting.get(data)
  waiting.delete(data)
  run?.()
}

/** Node's `setImmediate`: in a turn of the event loop of its own, as soon as there is one. */
export function setImmediate<Args extends readonly unknown[]>(run: (...args: Args) => void, ...args: Args): number {
  last += 1
  waiting.set(last, () => run(...args))
  caller.postMessage(last)
  return last
}

/** Node's `clearImmediate`. */
export function clearImmediate(id: number | undefined): void {
  if (id !== undefined) waiting.delete(id)
}
