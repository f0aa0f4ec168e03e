import { MessageBatch, parseUserControl } from '@rtmpipe/chunk-stream'
import { expect, it } from 'vitest'
import { flowMessage, flowMessages, readFlowMessage } from '../../src/rtmp/flow-message.ts'
import { flowMetadata, readFlowMetadata } from '../../src/rtmp/metadata.ts'
import { bytes, vectors } from '../vectors/vectors.ts'

it.each(vectors.metadata.cases)('metadata of stream $streamId, intent $rxi', ({ streamId, rxi, hex }) => {
  const metadata = { streamId, isUnordered: rxi === 1 }
  expect(flowMetadata(metadata).toString('hex')).toBe(hex)
  expect(readFlowMetadata(bytes(hex))).toEqual(metadata)
})

it.each(vectors.metadata.reject)('%s is no metadata of a flow of messages', hex => {
  expect(readFlowMetadata(bytes(hex))).toBeUndefined()
})

it('stream ids of more than 24 bits are refused', () => {
  expect(readFlowMetadata(flowMetadata({ streamId: 0x100_0000, isUnordered: false }))).toBeUndefined()
})

it.each(vectors.message.cases)('message $hex', ({ hex, type, timestamp, payload }) => {
  const message = readFlowMessage(bytes(hex), 3)
  if (message === undefined) throw new Error('it was not read')
  expect(message.messageStreamId).toBe(3)
  if (type !== undefined) {
    expect(message).toMatchObject({ messageTypeId: type, timestamp, payload: bytes(payload as string) })
  }
  expect(Buffer.concat(flowMessage(message).parts).toString('hex')).toBe(hex)
})

it('the events of the vectors are read', () => {
  const events = vectors.message.cases.slice(1).map(({ hex }) => parseUserControl(bytes(hex).subarray(5)))
  expect(events).toEqual([
    { type: 'FlowSync', syncId: 8, count: 2 },
    { type: 'SetKeepalive', serverKeepalive: 10_000, peerKeepalive: 15_000 },
    { type: 'StreamBegin', messageStreamId: 1 },
    { type: 'SetBufferLength', messageStreamId: 1, bufferLength: 3_000 },
  ])
})

it('less than a header is no message', () => {
  expect(readFlowMessage(Buffer.alloc(4), 1)).toBeUndefined()
})

it.each([
  [8, 'af01', 'audio'],
  [8, 'af00', 'for ever'],
  [9, '1701', 'keyframe'],
  [9, '2701', 'frame'],
  [9, '3701', 'disposable'],
  [9, '1700', 'for ever'],
  [9, '1702', 'for ever'],
  [18, '0200', 'for ever'],
  [20, '0200', 'for ever'],
])('type %i with %s: %s', (messageTypeId, hex, worth) => {
  const payload = bytes(`${hex}00000000`)
  expect(flowMessage({ messageTypeId, messageStreamId: 1, timestamp: 0, payload }).worth).toBe(worth)
})

it('a batch is encoded once, and its payloads are not copied', () => {
  const payload = Buffer.from('af0121', 'hex')
  const batch = new MessageBatch([{ messageTypeId: 8, messageStreamId: 0, timestamp: 5, payload }])
  const [message] = flowMessages(batch)
  expect(message?.parts[1]).toBe(payload)
  expect(flowMessages(batch)[0]).toBe(message)
})

it('a message that no length can say is refused', () => {
  const payload = Buffer.alloc(0x100_0000)
  expect(() => flowMessage({ messageTypeId: 8, messageStreamId: 1, timestamp: 0, payload })).toThrow(
    expect.objectContaining({ code: 'RTMP_ERR_MESSAGE_TOO_LONG' }),
  )
})
