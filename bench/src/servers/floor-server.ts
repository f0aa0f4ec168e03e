import { buildRtmpload } from './rtmpload.ts'
import type { Subject } from './subject.ts'

/** The minimal relay in C that comes with rtmpload: what the machine allows. */
export async function floorServer(): Promise<Subject> {
  const file = await buildRtmpload()
  return {
    name: 'floor-server',
    reference: true,
    version: async () => 'in rtmpload',
    command: ({ rtmp, rtmpt }) => ({
      file,
      args: ['floor-server', '--port', String(rtmp), '--rtmpt-port', String(rtmpt)],
    }),
  }
}
