import { AmfError, type AmfObject, EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import { FlvMuxer } from '@rtmpipe/flv'
import type { KeyframeIndex } from './keyframe-index.ts'

/** What is known of a file when it ends. */
export interface FlvFacts {
  /** Milliseconds. */
  readonly duration: number
  /** Of the last frame, milliseconds. */
  readonly lastTimestamp: number
  /** Bytes. */
  readonly fileSize: number
  readonly hasVideo: boolean
  readonly keyframes: KeyframeIndex
}

/** Bytes a keyframe takes in the index: two numbers. */
const entrySize = 18
const script = 18
/** AMF0's null: whatever number of them is as many values, which readers of metadata do not look at. */
const padding = 5
/** Said by the publisher of something else, or written here. */
const ours = new Set([
  'duration',
  'fileSize',
  'filesize',
  'lasttimestamp',
  'lastkeyframetimestamp',
  'lastkeyframelocation',
  'canSeekToEnd',
  'hasKeyframes',
  'keyframes',
])

/**
 * The `onMetaData` tag of a file, with its back pointer. Written at the beginning with room for an index, and again, as
 * long as it was, when the file ends.
 *
 * @param properties what the publisher says; what can't be written in AMF0 is left out
 */
export function metadataTag(properties: AmfObject, facts: FlvFacts, length?: number): Buffer | undefined {
  if (length === undefined) return tagOf(metadataBody(properties, knownOf(facts, 1)), room(facts))
  const space = length - tagOverhead
  for (let every = 1; every <= 2 * facts.keyframes.capacity; every *= 2) {
    const body = metadataBody(properties, knownOf(facts, every))
    if (body.length <= space) return tagOf(body, space - body.length)
  }
  // Metadata of others have no room but for what they say already.
  const known = knownOf(facts, 1)
  const said = Object.fromEntries(Object.entries(known).filter(([key]) => typeof properties[key] === 'number'))
  const least = metadataBody(properties, said)
  return least.length <= space ? tagOf(least, space - least.length) : undefined
}

const tagOverhead = 15

function room({ keyframes }: FlvFacts): number {
  return (keyframes.capacity - keyframes.times.length) * entrySize
}

function tagOf(body: Buffer, spare: number): Buffer {
  const payload = Buffer.concat([body, Buffer.alloc(spare, padding)])
  return new FlvMuxer().tag({ messageTypeId: script, messageStreamId: 0, timestamp: 0, payload })
}

/** @param every how many keyframes to go on by in the index */
function knownOf({ duration, lastTimestamp, fileSize, hasVideo, keyframes }: FlvFacts, every: number): AmfObject {
  const last = keyframes.times.length - 1
  const isIndexed = (_: number, index: number): boolean => index % every === 0
  return {
    duration: duration / 1000,
    filesize: fileSize,
    lasttimestamp: lastTimestamp / 1000,
    ...(hasVideo && {
      lastkeyframetimestamp: (keyframes.times[last] ?? 0) / 1000,
      lastkeyframelocation: keyframes.positions[last] ?? 0,
      canSeekToEnd: false,
      hasKeyframes: last >= 0,
      keyframes: {
        filepositions: keyframes.positions.filter(isIndexed),
        times: keyframes.times.filter(isIndexed).map(time => time / 1000),
      },
    }),
  }
}

function metadataBody(properties: AmfObject, known: AmfObject): Buffer {
  const theirs = Object.entries(properties).filter(([key]) => !ours.has(key))
  try {
    return encode(theirs, known)
  } catch (error) {
    if (!(error instanceof AmfError)) throw error
    return encode(
      theirs.filter(([, value]) => typeof value === 'number' || typeof value === 'boolean'),
      known,
    )
  }
}

function encode(theirs: readonly (readonly [string, AmfObject[string]])[], known: AmfObject): Buffer {
  return Buffer.from(encodeAmf0('onMetaData', new EcmaArray({ ...known, ...Object.fromEntries(theirs) })))
}
