// To be preloaded (`node --import`): all modules of the process go to stdout, one a line.
import { writeSync } from 'node:fs'
import { createRequire, register } from 'node:module'

register('./load-hook.js', import.meta.url)
// What CommonJS modules require passes no hook.
const { cache } = createRequire(import.meta.url)
process.once('exit', () => {
  for (const file of Object.keys(cache)) writeSync(1, `${file}\n`)
})
