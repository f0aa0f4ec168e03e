import { createHash, timingSafeEqual } from 'node:crypto'
import { deny, type Plugin } from 'rtmpipe'

/** Only who knows a key may publish, as `NAME?key=KEY`. Everybody may play. */
export function streamKeys(keys: readonly string[]): Plugin {
  const known = keys.map(digest)
  return {
    name: 'stream-keys',
    onPublish({ query }) {
      const key = digest(query.get('key') ?? '')
      if (known.some(one => timingSafeEqual(one, key))) return undefined
      return deny('NetStream.Publish.Denied', 'wrong key')
    },
    onPublishStart: ({ app, streamName }) => console.log(`${app}/${streamName} is on air`),
    onPublishEnd: ({ app, streamName }) => console.log(`${app}/${streamName} is over`),
  }
}

/** Digests are all of one length, and comparing them takes the same time whatever was sent. */
function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
