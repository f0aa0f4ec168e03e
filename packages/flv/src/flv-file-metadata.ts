import { AmfError, type AmfObject, EcmaArray, encodeAmf0, propertiesOf } from '@rtmpipe/amf'
import { FlvMuxer } from './flv-muxer.ts'
import { flvTagOverhead } from './flv-tag-head.ts'
import type { KeyframeList } from './keyframe-list.ts'
import { TagType } from './tag-type.ts'

/** What is known of a file when it ends. */
export interface FlvFacts {
  /** Milliseconds. */
  readonly duration: number
  /** Of the last frame, milliseconds. */
  readonly lastTimestamp: number
  /** Bytes. */
  readonly fileSize: number
  /** Whether there is an audio tag. */
  readonly hasAudio: boolean
  /** Whether there is a video tag. */
  readonly hasVideo: boolean
  /** Where the keyframes are. */
  readonly keyframes: KeyframeList
}

/** Bytes a keyframe takes in the index: two numbers. */
const entrySize = 18
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

/** Where the metadata of a file are, and what they say. */
export interface FlvMetadataTag {
  /** Of the tag, bytes from the beginning of the file. */
  readonly position: number
  /** With its back pointer, bytes. */
  readonly length: number
  /** What `onMetaData` says. */
  readonly properties: AmfObject
}

/** Bytes to write over those that are at a place in a file. */
export interface FlvPatch {
  /** Bytes from the beginning of the file. */
  readonly position: number
  /** What to write there; the file keeps its length. */
  readonly bytes: Buffer
}

/** Where the keyframes of a file are. */
export interface FlvKeyframes {
  /** Bytes from the beginning of the file, ascending. */
  readonly positions: readonly number[]
  /** Milliseconds, ascending. */
  readonly times: readonly number[]
}

/** Of the byte in a file's header that says whether there is audio and video (FLV 10.1 §E.2). */
const flagsPosition = 4
/** Keyframes in an index that is read. */
const maxKeyframes = 65_536

/**
 * What to write when a file ends, so that its header and its metadata say what it holds. Metadata that have no place for it
 * stay as they are.
 */
export function flvCompletion(metadata: FlvMetadataTag | undefined, facts: FlvFacts): FlvPatch[] {
  const flags = new FlvMuxer().header(facts).subarray(flagsPosition, flagsPosition + 1)
  const tag = metadata && flvMetadataTag(metadata.properties, facts, metadata.length)
  const patches = [{ position: flagsPosition, bytes: flags }]
  return tag === undefined ? patches : [...patches, { position: metadata?.position ?? 0, bytes: tag }]
}

/**
 * The index of keyframes in metadata. Undefined if there is none, or if it makes no sense.
 *
 * @param fileSize bytes
 */
export function flvKeyframesOf(properties: AmfObject | undefined, fileSize: number): FlvKeyframes | undefined {
  const { filepositions: positions, times } = propertiesOf(properties?.['keyframes']) ?? {}
  if (!isAscending(positions) || !isAscending(times) || positions.length !== times.length) return undefined
  if (positions.length === 0 || positions.length > maxKeyframes || (positions.at(-1) ?? 0) >= fileSize) return undefined
  return { positions, times: times.map(seconds => Math.round(seconds * 1000)) }
}

/**
 * The `onMetaData` tag of a file, with its back pointer. Written at the beginning with room for an index, and again, as
 * long as it was, when the file ends: see {@link flvCompletion}.
 *
 * @param properties what the publisher says; what can't be written in AMF0 is left out
 */
export function flvMetadataTag(properties: AmfObject, facts: FlvFacts): Buffer
/**
 * The same with a length of its own.
 *
 * @param length bytes it has to have
 * @returns undefined if it has no room in these
 */
export function flvMetadataTag(properties: AmfObject, facts: FlvFacts, length: number): Buffer | undefined
export function flvMetadataTag(properties: AmfObject, facts: FlvFacts, length?: number): Buffer | undefined {
  if (length === undefined) return tagOf(metadataBody(properties, knownOf(facts, 1)), room(facts))
  const space = length - flvTagOverhead
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

function room({ keyframes }: FlvFacts): number {
  return (keyframes.capacity - keyframes.times.length) * entrySize
}

function tagOf(body: Buffer, spare: number): Buffer {
  const payload = Buffer.concat([body, Buffer.alloc(spare, padding)])
  return new FlvMuxer().tag({ messageTypeId: TagType.Script, messageStreamId: 0, timestamp: 0, payload })
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

function isAscending(values: unknown): values is readonly number[] {
  return (
    Array.isArray(values) &&
    values.every(
      (value, index) =>
        typeof value === 'number' && value >= 0 && (index === 0 || value >= (values[index - 1] as number)),
    )
  )
}
