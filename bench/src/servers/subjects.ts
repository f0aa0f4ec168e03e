import { floorServer } from './floor-server.ts'
import { nginxRtmp } from './nginx-rtmp.ts'
import { nodeFloor } from './node-floor.ts'
import { nodeMediaServer } from './node-media-server.ts'
import { rtmpipe } from './rtmpipe.ts'
import type { Subject } from './subject.ts'

/** Everything that can be measured, in the order of the tables. */
export async function allSubjects(): Promise<readonly Subject[]> {
  return [
    rtmpipe(),
    rtmpipe('--merge-window', '0'),
    rtmpipe('--merge-window', '350'),
    rtmpipe('--workers', '2'),
    rtmpipe('--http-flv', '--hls'),
    nginxRtmp,
    nodeMediaServer,
    await floorServer(),
    nodeFloor(0),
    nodeFloor(20),
  ]
}

/** Those that can run here, with their versions; the others are explained to `skip`. */
export async function availableSubjects(
  wanted: (name: string) => boolean,
  skip: (reason: string) => void,
): Promise<ReadonlyMap<Subject, string>> {
  const available = new Map<Subject, string>()
  for (const subject of await allSubjects()) {
    if (!wanted(subject.name)) continue
    try {
      available.set(subject, await subject.version())
    } catch (error) {
      skip(`${subject.name}: ${(error as Error).message.split('\n')[0]}`)
    }
  }
  return available
}
