import {
  type CommitHooks,
  type Context,
  deny,
  type NoticeHooks,
  PRINCIPAL,
  type PublishEvent,
  type PublishInfo,
  streamKey,
} from '@rtmpipe/session'
import { Members } from './members.ts'

/** What is known of a publish before and after its start. */
export type Publish = Pick<PublishInfo, 'connection' | 'app' | 'streamName' | 'query' | 'context'>

/**
 * Who publishes: the principal, or the parameter `key` where no plugin asks for a proof. Texts of one kind are never
 * those of the other.
 */
export function publisherOf({ context, query }: Publish): string | undefined {
  const principal = context.get(PRINCIPAL)
  if (principal !== undefined) return `principal ${JSON.stringify([principal.by, principal.id])}`
  const key = query.get('key')
  return key === null ? undefined : `key ${key}`
}

/** Counts the streams of each key that are published, from the moment when all gates have agreed. */
export function streamQuota(
  limit: number,
  keyOf: (publish: Publish) => string | undefined,
): Pick<CommitHooks, 'onPublishAccepted'> & Pick<NoticeHooks, 'onPublishEnd'> {
  const publishes = new Members<Context>()
  const counted = new WeakMap<Context, { readonly key: string; readonly stream: string }>()
  const forget = (context: Context): void => {
    const { key } = counted.get(context) ?? {}
    if (key !== undefined) publishes.delete(key, context)
  }
  return {
    onPublishAccepted(event: PublishEvent) {
      const [key, stream] = [keyOf(event), streamKey(event)]
      if (key === undefined) return undefined
      // A publisher that comes back to its own stream does not add a stream; whether it may come back is decided
      // elsewhere.
      const streams = new Set([stream, ...[...publishes.of(key)].map(context => counted.get(context)?.stream)])
      if (streams.size > limit)
        return deny('NetStream.Publish.Denied', `${limit} streams are published with this key already`)
      counted.set(event.context, { key, stream })
      publishes.add(key, event.context)
      return () => forget(event.context)
    },
    onPublishEnd: ({ context }): void => forget(context),
  }
}
