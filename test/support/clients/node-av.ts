import { fileURLToPath } from 'node:url'
import { parseFramehash } from '../packets.ts'
import { RunningProgram } from '../running-program.ts'
import type { Player, Publisher } from './client.ts'

const script = fileURLToPath(new URL('node-av-client.js', import.meta.url))

/** Publishes a file as it is, in real time, with FFmpeg's libraries. */
export function publishWithNodeAv(file: string, url: string): Publisher {
  const args = [script, 'publish', file, url]
  const program = new RunningProgram({ name: 'node-av as publisher', file: process.execPath, args })
  return {
    program,
    async published(seconds) {
      await program.waitForLine(/^published (\S+)/, match => Number(match[1]) >= seconds)
    },
    async finish() {
      await program.finish()
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}

/** Plays with FFmpeg's libraries, without decoding. */
export function playWithNodeAv(url: string): Player {
  const args = [script, 'play', url]
  const program = new RunningProgram({ name: 'node-av as player', file: process.execPath, args })
  return {
    program,
    async playing() {
      await program.waitForLine(/Sending play command/)
    },
    async finish() {
      const { stdout } = await program.finish()
      return parseFramehash(stdout)
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}
