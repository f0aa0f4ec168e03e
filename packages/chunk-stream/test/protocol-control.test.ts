import {
  abortMessage,
  acknowledgement,
  BandwidthLimitType,
  parseAbort,
  parseAcknowledgement,
  parseSetChunkSize,
  parseSetPeerBandwidth,
  parseWindowAcknowledgementSize,
  type RtmpMessage,
  setChunkSize,
  setPeerBandwidth,
  windowAcknowledgementSize,
} from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { hex } from './support/hex.ts'

interface Case {
  readonly name: string
  readonly message: RtmpMessage
  readonly type: number
  readonly body: Buffer
  readonly parse: (payload: Buffer) => unknown
  readonly value: unknown
}

const cases: Case[] = [
  {
    name: 'Set Chunk Size',
    message: setChunkSize(4096),
    type: 1,
    body: hex('00001000'),
    parse: parseSetChunkSize,
    value: 4096,
  },
  { name: 'Abort', message: abortMessage(6), type: 2, body: hex('00000006'), parse: parseAbort, value: 6 },
  {
    name: 'Acknowledgement, modulo 2^32',
    message: acknowledgement(2 ** 32 + 5),
    type: 3,
    body: hex('00000005'),
    parse: parseAcknowledgement,
    value: 5,
  },
  {
    name: 'Window Acknowledgement Size',
    message: windowAcknowledgementSize(0xfffffffe),
    type: 5,
    body: hex('FFFFFFFE'),
    parse: parseWindowAcknowledgementSize,
    value: 0xfffffffe,
  },
  ...(
    [
      ['Hard', '00'],
      ['Soft', '01'],
      ['Dynamic', '02'],
    ] as const
  ).map(([name, byte]) => ({
    name: `Set Peer Bandwidth, ${name}`,
    message: setPeerBandwidth(2_500_000, BandwidthLimitType[name]),
    type: 6,
    body: hex('002625A0', byte),
    parse: parseSetPeerBandwidth,
    value: { size: 2_500_000, limitType: BandwidthLimitType[name] },
  })),
]

describe.each(cases)('$name', ({ message, type, body, parse, value }) => {
  it('is encoded', () => {
    expect(message).toEqual({ messageTypeId: type, messageStreamId: 0, timestamp: 0, payload: body })
  })
  it('is parsed, with and without bytes behind it', () => {
    expect(parse(body)).toEqual(value)
    expect(parse(Buffer.concat([body, hex('FF')]))).toEqual(value)
  })
  it('is undefined when short', () => {
    for (let length = 0; length < body.length; length++) expect(parse(body.subarray(0, length))).toBeUndefined()
  })
})

it('knows three limit types', () => expect(parseSetPeerBandwidth(hex('002625A0 03'))).toBeUndefined())
