import { uint32 } from './bytes.ts'
import { requireRoom } from './require-room.ts'

/** The speakers of a stream of sound (Enhanced RTMP v2, AudioPacketType.MultichannelConfig). */
export type MultichannelConfig = UnspecifiedChannels | NativeChannels | CustomChannels

/** Only the number of channels is known. */
export interface UnspecifiedChannels {
  readonly order: 'unspecified'
  /** 0 to 255. */
  readonly channelCount: number
}

/** Channels in the order of {@link AudioChannel}. */
export interface NativeChannels {
  readonly order: 'native'
  /** 0 to 255. */
  readonly channelCount: number
  /** The speakers there are: bit n (1 << n) is {@link AudioChannel} n. Unsigned 32 bit. */
  readonly channelFlags: number
}

/** A speaker for every channel, in the order of the sound's own data. */
export interface CustomChannels {
  readonly order: 'custom'
  /** An {@link AudioChannel} each; up to 255 of them. */
  readonly channelMapping: readonly number[]
}

/** Speakers, as in AudioChannel of Enhanced RTMP v2. */
export const AudioChannel = {
  FrontLeft: 0,
  FrontRight: 1,
  FrontCenter: 2,
  LowFrequency1: 3,
  BackLeft: 4,
  BackRight: 5,
  FrontLeftCenter: 6,
  FrontRightCenter: 7,
  BackCenter: 8,
  SideLeft: 9,
  SideRight: 10,
  TopCenter: 11,
  TopFrontLeft: 12,
  TopFrontCenter: 13,
  TopFrontRight: 14,
  TopBackLeft: 15,
  TopBackCenter: 16,
  TopBackRight: 17,
  LowFrequency2: 18,
  TopSideLeft: 19,
  TopSideRight: 20,
  BottomFrontCenter: 21,
  BottomFrontLeft: 22,
  BottomFrontRight: 23,
  /** An empty channel, to be skipped. */
  Unused: 0xfe,
  /** Sound for a speaker nobody named. */
  Unknown: 0xff,
} as const

export type AudioChannel = (typeof AudioChannel)[keyof typeof AudioChannel]

const orders = ['unspecified', 'native', 'custom'] as const

/** Reads the `data` of a track of a MultichannelConfig message; undefined if it is of another length or order. */
export function parseMultichannelConfig(data: Uint8Array): MultichannelConfig | undefined {
  const order = orders[data[0] ?? 0xff]
  const channelCount = data[1] ?? 0
  switch (order) {
    case 'unspecified':
      return data.length === 2 ? { order, channelCount } : undefined
    case 'native':
      return data.length === 6 ? { order, channelCount, channelFlags: uint32(data, 2) } : undefined
    case 'custom':
      return data.length === 2 + channelCount ? { order, channelMapping: [...data.subarray(2)] } : undefined
    case undefined:
      return undefined
  }
}

/** The `data` that {@link parseMultichannelConfig} reads. Throws {@link FlvError} `RTMP_ERR_FLV_TAG_SIZE`. */
export function encodeMultichannelConfig(config: MultichannelConfig): Buffer {
  const channelCount = config.order === 'custom' ? config.channelMapping.length : config.channelCount
  requireRoom('number of channels', channelCount, 255)
  const head = [orders.indexOf(config.order), channelCount]
  if (config.order === 'unspecified') return Buffer.from(head)
  if (config.order === 'native') {
    requireRoom('set of channels', config.channelFlags, 0xffff_ffff)
    const flags = Buffer.alloc(4)
    flags.writeUInt32BE(config.channelFlags)
    return Buffer.concat([Buffer.from(head), flags])
  }
  for (const channel of config.channelMapping) requireRoom('channel', channel, 255)
  return Buffer.from([...head, ...config.channelMapping])
}
