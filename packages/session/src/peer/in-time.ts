/**
 * Resolves with what is promised. What it promised is not stopped, and nobody hears of it any more.
 *
 * @param milliseconds to wait at most
 * @throws what the promise rejects with, an Error when so much time has passed
 */
export async function inTime<T>(promised: PromiseLike<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const overrun = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${milliseconds} ms`)), milliseconds)
  })
  try {
    return await Promise.race([promised, overrun])
  } finally {
    clearTimeout(timer)
  }
}
