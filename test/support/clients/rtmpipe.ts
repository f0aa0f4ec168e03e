import { RunningProgram } from '../running-program.ts'
import { command } from '../server-process.ts'
import type { Launch, Publisher } from './client.ts'
import { startFlvPlayer } from './flv-player.ts'
import type { FlvPlayer } from './flv-player.ts'

/** Publishes a file in real time with `rtmpipe publish`. */
export function publishWithRtmpipeCommand(file: string, url: string, launch: Launch = {}): Publisher {
  const args = [command, 'publish', file, url, '--insecure']
  const program = new RunningProgram({ ...launch, name: 'rtmpipe publish', file: process.execPath, args })
  return {
    program,
    async published() {
      await program.waitForLine(/publishing/)
    },
    async finish() {
      await program.finish()
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}

/** Plays with `rtmpipe play`, which says nothing before the end. */
export function playWithRtmpipeCommand(url: string, launch: Launch = {}): Promise<FlvPlayer> {
  return startFlvPlayer(file => {
    const args = [command, 'play', url, '-o', file, '--insecure']
    return new RunningProgram({ ...launch, name: 'rtmpipe play', file: process.execPath, args })
  }, /playing/)
}
