/** Resolves after `count` turns of the event loop in which timers, input and output that are due come through. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(resolve => setTimeout(resolve, 1))
}
