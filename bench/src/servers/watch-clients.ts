import { nodeLoad, publisher } from './node-load.ts'
import type { RunningServer } from './running-server.ts'
import { TemporaryFolder } from './temporary-folder.ts'
import type { Watch } from './watch.ts'

/** Seconds for what is not measured. */
const patience = 60

/**
 * Players that are our own client, over RTMP or over WebSocket: with the same client at the other end, what the server takes can
 * be compared.
 *
 * @param seconds the window  @param warmUp seconds before it  @param kbps bit rate of the picture
 */
export function watchClients(scheme: 'rtmp' | 'ws', seconds: number, warmUp: number, kbps: number): Watch {
  return {
    nodeOptions: [],
    async measure(rtmpload, run, server) {
      const args = ['--seconds', String(seconds), '--warm-up', String(warmUp)]
      using folder = new TemporaryFolder()
      await using _ = publisher(rtmpload, run, server, folder.file('publisher.log'), ['--kbps', String(kbps)])
      // The publisher ends with this block.
      return await nodeLoad(
        'play',
        addressOf(server, scheme),
        run,
        server,
        [...run.args, ...args],
        run.seconds + patience,
      )
    },
  }
}

/**
 * Viewers over RTMP, of FLV over HTTP, or of HLS, of which most only count bytes, so that there can be many.
 *
 * @param seconds the window  @param warmUp seconds before it
 */
export function watchViewers(scheme: 'rtmp' | 'http' | 'hls', seconds: number, warmUp: number): Watch {
  return {
    nodeOptions: [],
    async measure(rtmpload, run, server) {
      const args = ['--seconds', String(seconds), '--warm-up', String(warmUp)]
      using folder = new TemporaryFolder()
      await using _ = publisher(rtmpload, run, server, folder.file('publisher.log'))
      const [mode, protocol] = scheme === 'hls' ? (['hls', 'http'] as const) : (['view', scheme] as const)
      // The publisher ends with this block.
      return await nodeLoad(
        mode,
        addressOf(server, protocol),
        run,
        server,
        [...run.args, ...args],
        run.seconds + patience,
      )
    },
  }
}

/** WebSockets and viewers over HTTP are at the port of RTMPT. */
function addressOf({ urls }: RunningServer, scheme: 'rtmp' | 'ws' | 'http'): string {
  return scheme === 'rtmp' ? urls.rtmp : urls.rtmpt.replace(/^rtmpt/, scheme)
}
