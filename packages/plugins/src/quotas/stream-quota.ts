import { deny, type Denial, type GateHooks, type NoticeHooks, type PublishInfo, status } from '@rtmpipe/session'
import { Members } from './members.ts'

/** What is known of a publish before and after its start. */
export type Publish = Pick<PublishInfo, 'connection' | 'app' | 'streamName' | 'query'>

/** Counts the streams of each key that are published, as {@link viewerQuota} counts players. */
export function streamQuota(
  limit: number,
  keyOf: (publish: Publish) => string | undefined,
): Pick<GateHooks, 'onPublish'> & Pick<NoticeHooks, 'onPublishStart' | 'onPublishEnd'> {
  const streams = new Members<PublishInfo>()
  const keys = new WeakMap<PublishInfo, string>()
  const description = `${limit} streams are published with this key already`
  return {
    onPublish(event): Denial | undefined {
      const key = keyOf(event)
      if (key === undefined || streams.count(key) < limit) return undefined
      // A publisher that comes back to its own stream does not add a stream; whether it may come back is decided
      // elsewhere.
      const isSame = ({ app, streamName }: Publish) => app === event.app && streamName === event.streamName
      if ([...streams.of(key)].some(isSame)) return undefined
      return deny('NetStream.Publish.Denied', description)
    },
    onPublishStart(info): void {
      const key = keyOf(info)
      if (key === undefined) return
      keys.set(info, key)
      streams.add(key, info)
      if (streams.count(key) > limit) info.end(status('NetStream.Publish.Denied', description))
    },
    onPublishEnd(info): void {
      const key = keys.get(info)
      if (key !== undefined) streams.delete(key, info)
    },
  }
}
