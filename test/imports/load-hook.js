import { appendFileSync } from 'node:fs'

/** Writes down every ES module, and every CommonJS one that an ES module imports; then as always. */
export async function load(url, context, next) {
  appendFileSync(process.env.LOADED_MODULES, `${url}\n`)
  return next(url, context)
}
