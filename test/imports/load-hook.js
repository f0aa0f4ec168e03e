import { writeSync } from 'node:fs'

/** Tells of every ES module, and of every CommonJS one that an ES module imports; then as always. */
export async function load(url, context, next) {
  writeSync(1, `${url}\n`)
  return next(url, context)
}
