import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { InProcessPlayer } from '../../contract/in-process.ts'
import { commandMessage } from '../../protocol/command.ts'
import type { Status } from '../../protocol/status.ts'
import { withQuery } from './in-process-client.ts'

/** The command by which somebody in this process plays, on that message stream. */
export function playCommand(id: number, name: string, who: InProcessPlayer): RtmpMessage {
  const { start = -2, duration = -1 } = who
  const times = [start === 'live' ? -1 : start, duration]
  return commandMessage(id, 'play', 0, null, withQuery(name, who), ...times, true)
}

/**
 * Whether a play has come to its end as it should.
 *
 * @param isEnd the server has ended it
 * @param follows it stays for the next publisher
 */
export function isOver({ code }: Status, isEnd: boolean, follows: boolean): boolean {
  return isEnd ? code === 'NetStream.Play.Stop' : code === 'NetStream.Play.UnpublishNotify' && !follows
}
