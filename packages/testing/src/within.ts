/** When a promise of a compliance case counts as broken. */
export const deadline: { milliseconds: number } = { milliseconds: 10_000 }

/** `promise`, or a rejection that says what did not happen, so that a failing case does not just hang. */
export async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  const { milliseconds } = deadline
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${milliseconds} ms in vain for ${what}`)), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves when `condition` holds: for what tells nobody that it has happened. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const patience = performance.now() + deadline.milliseconds
  while (!condition()) {
    if (performance.now() > patience) throw new Error(`waited ${deadline.milliseconds} ms in vain for ${what}`)
    await new Promise(resolve => setTimeout(resolve, 1))
  }
}
