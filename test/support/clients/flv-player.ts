import { packetsOf } from '../packets.ts'
import type { RunningProgram } from '../running-program.ts'
import { TemporaryFolder } from '../temporary-folder.ts'
import type { Player } from './client.ts'

/** A player that writes what it receives to an FLV file. */
export interface FlvPlayer extends Player {
  readonly file: string
}

/**
 * Starts such a player.
 *
 * @param started - matches the line by which the program tells that it asked for the stream
 * @param codes - exit codes that are a normal end
 */
export async function startFlvPlayer(
  start: (file: string) => RunningProgram,
  started: RegExp,
  codes: readonly number[] = [0],
): Promise<FlvPlayer> {
  const folder = await TemporaryFolder.create()
  const file = folder.file('received.flv')
  const program = start(file)
  return {
    program,
    file,
    async playing() {
      await program.waitForLine(started)
    },
    async finish() {
      await program.finish(...codes)
      return await packetsOf(file)
    },
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
