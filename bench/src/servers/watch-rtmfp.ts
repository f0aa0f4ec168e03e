import { setTimeout as pause } from 'node:timers/promises'
import { nodeLoad, publisher } from './node-load.ts'
import type { RunningServer } from './running-server.ts'
import { TemporaryFolder } from './temporary-folder.ts'
import type { Watch } from './watch.ts'

/** Seconds for what is to be measured by count. */
const patience = 60

/**
 * Players over RTMFP, which rtmpload has not. Two runs, as what it takes to connect is measured without media.
 *
 * @param seconds the window  @param warmUp seconds before it
 */
export function watchRtmfp(seconds: number, warmUp: number): Watch {
  return {
    nodeOptions: [],
    async measure(rtmpload, run, server) {
      await listens(server)
      const { rtmfp } = server.urls
      const connecting = await nodeLoad('connect', rtmfp, run, server, ['--sessions', '300'], patience)
      const args = ['--seconds', String(seconds), '--warm-up', String(warmUp)]
      using folder = new TemporaryFolder()
      await using _ = publisher(rtmpload, run, server, folder.file('publisher.log'))
      const playing = await nodeLoad('play', rtmfp, run, server, [...run.args, ...args], run.seconds + patience)
      return { ...connecting, ...playing }
    },
  }
}

/** Nothing over UDP says when it does, but the server itself. */
async function listens(server: RunningServer): Promise<void> {
  const from = performance.now()
  while (!server.child.output.includes('listening on rtmfp://')) {
    if (performance.now() - from > 15_000) throw new Error('the server does not listen for RTMFP')
    await pause(20)
  }
}
