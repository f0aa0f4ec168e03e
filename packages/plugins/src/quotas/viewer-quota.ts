import { type Denial, deny, type GateHooks, type NoticeHooks, type PlayInfo, status, streamKey } from '@rtmpipe/session'
import { Members } from './members.ts'

/**
 * Counts only players that have begun: between the gate and the start much may happen that no hook tells. So the quota
 * is checked at the gate, and once more when the play has begun.
 */
export function viewerQuota(limit: number): Pick<GateHooks, 'onPlay'> & Pick<NoticeHooks, 'onPlayStart' | 'onPlayEnd'> {
  const viewers = new Members<PlayInfo>()
  const description = `${limit} viewers watch this stream already`
  return {
    onPlay: (event): Denial | undefined =>
      viewers.count(streamKey(event)) < limit ? undefined : deny('NetStream.Play.Failed', description),
    onPlayStart(info): void {
      viewers.add(streamKey(info), info)
      if (viewers.count(streamKey(info)) <= limit) return
      info.end(status('NetStream.Play.Failed', description))
    },
    onPlayEnd: (info): void => viewers.delete(streamKey(info), info),
  }
}
