import { AmfError, type AmfValue, EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { metadataOf } from '@rtmpipe/flv'

/** Audio or video. */
export type MediaKind = 'audio' | 'video'

/** Properties that describe audio or video, beside those that begin with the word (FLV 10.1 §E.5, Enhanced RTMP). */
const others: Record<MediaKind, ReadonlySet<string>> = {
  audio: new Set(['stereo']),
  video: new Set(
    'width height framerate fps displaywidth displayheight avcprofile avclevel haskeyframes keyframes'.split(' '),
  ),
}

/**
 * The `onMetaData` message without the properties of one kind of media. Players take what is described there for
 * promised, and wait for it. What can not be read stays as it is.
 */
export function metadataWithout(message: RtmpMessage, kind: MediaKind): RtmpMessage {
  const properties = metadataOf(message.payload)
  if (properties === undefined) return message
  const rest: [string, AmfValue][] = []
  for (const [key, value] of Object.entries(properties)) {
    const name = key.toLowerCase()
    if (name === `has${kind}`) rest.push([key, false])
    else if (!name.startsWith(kind) && !others[kind].has(name)) rest.push([key, value])
  }
  try {
    return { ...message, payload: Buffer.from(encodeAmf0('onMetaData', new EcmaArray(Object.fromEntries(rest)))) }
  } catch (error) {
    if (!(error instanceof AmfError)) throw error
    return message
  }
}
