/** What the classes use of `readable-stream`'s own `util`. */
export const kEmptyObject: object = Object.freeze({})

export function debuglog(): () => void {
  return () => {}
}

export function once<Args extends readonly unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
  let isDone = false
  return (...args) => {
    if (isDone) return
    isDone = true
    run(...args)
  }
}
