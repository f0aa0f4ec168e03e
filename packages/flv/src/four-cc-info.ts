import { type AmfObject, type AmfValue, propertiesOf } from '@rtmpipe/amf'
import { isFourCc } from './four-cc.ts'

/** What a peer can do with a codec, as bits (Enhanced RTMP v2, FourCcInfoMask). */
export const FourCcInfo = {
  CanDecode: 1,
  CanEncode: 2,
  /** Takes it in and gives it on as it is. */
  CanForward: 4,
} as const

export type FourCcInfo = (typeof FourCcInfo)[keyof typeof FourCcInfo]

/** {@link FourCcInfo} bits by FourCC. The key `*` is for every codec, besides what a codec has of its own. */
export type FourCcInfoMap = ReadonlyMap<string, number>

/** The key that stands for every codec. */
export const anyFourCc = '*'

const allBits = FourCcInfo.CanDecode | FourCcInfo.CanEncode | FourCcInfo.CanForward
const greatestBits = 0xffff_ffff

/** Reads a `videoFourCcInfoMap` or `audioFourCcInfoMap`; undefined if it is no object. Leaves out what makes no sense. */
export function parseFourCcInfoMap(value: AmfValue): FourCcInfoMap | undefined {
  const properties = propertiesOf(value)
  if (properties === undefined) return undefined
  const info = new Map<string, number>()
  for (const [key, bits] of Object.entries(properties)) {
    if (isKey(key) && isBits(bits)) info.set(key, bits)
  }
  return info
}

/** The property to send; keys that are no FourCC are left out. */
export function formatFourCcInfoMap(info: FourCcInfoMap): AmfObject {
  return Object.fromEntries([...info].filter(([key, bits]) => isKey(key) && isBits(bits)))
}

/** Reads a `fourCcList`, as Enhanced RTMP v1 has it; undefined if it is no array. Leaves out what is no FourCC. */
export function parseFourCcList(value: AmfValue): readonly string[] | undefined {
  return Array.isArray(value)
    ? value.filter((each): each is string => typeof each === 'string' && isKey(each))
    : undefined
}

/** A `fourCcList` as a map. The list says that a codec is supported, not how: every codec has all bits. */
export function infoOfFourCcList(list: readonly string[]): FourCcInfoMap {
  return new Map(list.map(fourCc => [fourCc, allBits]))
}

/** True if the peer can decode this codec; false when it has not said so. FourCCs are case sensitive. */
export function canDecode(info: FourCcInfoMap | undefined, fourCc: string): boolean {
  return hasBit(info, fourCc, FourCcInfo.CanDecode)
}

/** True if the peer can encode this codec; false when it has not said so. */
export function canEncode(info: FourCcInfoMap | undefined, fourCc: string): boolean {
  return hasBit(info, fourCc, FourCcInfo.CanEncode)
}

/** True if the peer can take in this codec and give it on; false when it has not said so. */
export function canForward(info: FourCcInfoMap | undefined, fourCc: string): boolean {
  return hasBit(info, fourCc, FourCcInfo.CanForward)
}

function hasBit(info: FourCcInfoMap | undefined, fourCc: string, bit: number): boolean {
  return (((info?.get(fourCc) ?? 0) | (info?.get(anyFourCc) ?? 0)) & bit) !== 0
}

function isKey(text: string): boolean {
  return text === anyFourCc || isFourCc(text)
}

function isBits(value: AmfValue): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= greatestBits
}
