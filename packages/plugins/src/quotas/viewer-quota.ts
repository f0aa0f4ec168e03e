import { type CommitHooks, type Context, deny, type NoticeHooks, type PlayEvent, streamKey } from '@rtmpipe/session'
import { Members } from './members.ts'

/** Counts the players of each stream, from the moment when all gates have agreed. */
export function viewerQuota(limit: number): Pick<CommitHooks, 'onPlayAccepted'> & Pick<NoticeHooks, 'onPlayEnd'> {
  const viewers = new Members<Context>()
  return {
    onPlayAccepted(event: PlayEvent) {
      const stream = streamKey(event)
      if (viewers.count(stream) >= limit)
        return deny('NetStream.Play.Failed', `${limit} viewers watch this stream already`)
      viewers.add(stream, event.context)
      return () => viewers.delete(stream, event.context)
    },
    onPlayEnd: (info): void => viewers.delete(streamKey(info), info.context),
  }
}
