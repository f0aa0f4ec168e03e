import { expect, it } from 'vitest'
import { ChunkType } from '../../src/wire/chunk-type.ts'
import { encodeOption } from '../../src/wire/options.ts'
import { associationOption, metadataOption, RawPeer } from '../support/raw-peer.ts'

const FLOW = 3
const exception = Buffer.of(FLOW, 0)

it.each([
  { name: 'that does not say what it is for', options: undefined },
  { name: 'that says too much', options: metadataOption('m'.repeat(513)) },
  { name: 'that answers a flow there is not', options: Buffer.concat([metadataOption('m'), associationOption(99)]) },
  {
    name: 'with an option that may not be ignored',
    options: Buffer.concat([metadataOption('m'), encodeOption(0x55, Buffer.of(1))]),
  },
  { name: 'that nobody takes', options: metadataOption('unwanted') },
])('a flow $name is rejected', ({ options }) => {
  const peer = new RawPeer()
  const messages: string[] = []
  peer.session.onFlow = flow => {
    flow.onMessage = message => messages.push(message.toString())
    return flow.metadata.toString() !== 'unwanted'
  }
  peer.sendData({ flowId: FLOW, sequence: 1, options })
  const [first, second] = peer.seen()
  expect(first).toEqual({ type: ChunkType.FlowException, payload: exception })
  expect(second?.type).toBe(ChunkType.AcknowledgementRanges)
  expect(second?.payload.at(-1)).toBe(1)
  // Until its end, before each acknowledgement.
  peer.sendData({ flowId: FLOW, sequence: 2, isFinal: true, isAbandoned: true, data: Buffer.alloc(0) })
  expect(peer.seen().map(({ type }) => type)).toEqual([ChunkType.FlowException, ChunkType.AcknowledgementRanges])
  expect(messages).toEqual([])
})

it('a flow with an option that may be ignored, or that answers one of ours, is taken', () => {
  const peer = new RawPeer()
  peer.session.onFlow = flow => flow.association === ours.id
  const ours = peer.session.openFlow({ metadata: Buffer.from('m'), priority: 5 })
  const options = Buffer.concat([metadataOption('m'), associationOption(ours.id), encodeOption(0x2000, Buffer.of(1))])
  peer.sendData({ flowId: FLOW, sequence: 1, options })
  expect(peer.seen().map(({ type }) => type)).toEqual([ChunkType.AcknowledgementRanges])
})
