import { open } from 'node:fs/promises'
import { vi } from 'vitest'

/** Counts the bytes that are read of open files from here on. */
export async function countReads(): Promise<{ readonly bytes: number } & Disposable> {
  await using handle = await open(new URL(import.meta.url))
  const spy = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'read')
  return {
    get bytes() {
      const results = spy.mock.settledResults.map(({ value }) => value as { readonly bytesRead?: number } | undefined)
      return results.reduce((sum, result) => sum + (result?.bytesRead ?? 0), 0)
    },
    [Symbol.dispose]: () => spy.mockRestore(),
  }
}
