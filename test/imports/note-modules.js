// To be preloaded (`node --import`): all modules of the process go to the file LOADED_MODULES, one a line.
import { appendFileSync } from 'node:fs'
import { createRequire, register } from 'node:module'

register('./load-hook.js', import.meta.url)
// What CommonJS modules require passes no hook.
const { cache } = createRequire(import.meta.url)
process.once('exit', () => appendFileSync(process.env.LOADED_MODULES, Object.keys(cache).join('\n')))
