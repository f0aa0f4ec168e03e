/**
 * Loaded into a server before its program (`node --import`): appends what memory it uses to memory.jsonl in its folder,
 * every second.
 */
import { appendFileSync } from 'node:fs'
import { resolve } from 'node:path'

const file = resolve('memory.jsonl')

setInterval(() => {
  appendFileSync(file, `${JSON.stringify({ at: Date.now(), ...process.memoryUsage() })}\n`)
}, 1_000).unref()
