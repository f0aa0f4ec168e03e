import { AvmPlus, encodeAmf0, Unsupported } from '@rtmpipe/amf'
import { MessageBatch, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Amf3Output } from '../../src/peer/amf3-output.ts'
import { asAmf0Data, asAmf3, asAmf3Value } from '../../src/protocol/amf3-messages.ts'
import { samples } from '@rtmpipe/testing'
import { StubConnection } from '../support/stub-connection.ts'

const data = (hex: string, messageTypeId: number = MessageType.DataAmf3): RtmpMessage => ({
  messageTypeId,
  messageStreamId: 1,
  timestamp: 7,
  payload: Buffer.from(hex.replaceAll(' ', ''), 'hex'),
})

describe('what is sent to a peer of encoding 3', () => {
  it.each([
    [MessageType.CommandAmf0, MessageType.CommandAmf3],
    [MessageType.DataAmf0, MessageType.DataAmf3],
  ])('type %d goes as %d, after a selector', (given, sent) => {
    expect(asAmf3(data('020000', given))).toEqual({ ...data('00020000', sent) })
  })

  it.each([MessageType.Audio, MessageType.Video, MessageType.UserControl, MessageType.CommandAmf3])(
    'type %d stays as it is',
    messageTypeId => {
      const message = data('020000', messageTypeId)
      expect(asAmf3(message)).toBe(message)
    },
  )

  it('is one batch for all without data in it, and messages of its own with', () => {
    const stub = new StubConnection()
    const output = new Amf3Output(stub.connection)
    const media = new MessageBatch([samples.audio(0), samples.keyframe(1)])
    output.sendBatch(media, 4)
    output.sendBatch(new MessageBatch([samples.audio(2), data('020000', MessageType.DataAmf0)]), 4)
    expect(stub.sent[0]).toEqual({ batch: media, messageStreamId: 4 })
    expect(stub.sent.slice(1)).toMatchObject([
      { messageTypeId: MessageType.Audio, messageStreamId: 4 },
      { messageTypeId: MessageType.DataAmf3, messageStreamId: 4, payload: Buffer.from('00020000', 'hex') },
    ])
  })

  it('waits where the connection waits', () => {
    const stub = new StubConnection()
    const output = new Amf3Output(stub.connection)
    let isTaken = false
    output.write(data('020000', MessageType.DataAmf0), () => (isTaken = true))
    stub.queuedBytes = 5
    expect([isTaken, output.queuedBytes, output.writable]).toEqual([false, 5, true])
    stub.drain()
    expect(isTaken).toBe(true)
    expect(stub.sent).toMatchObject([{ messageTypeId: MessageType.DataAmf3 }])
  })

  it('lets audio go in between where the connection does', () => {
    const stub = new StubConnection()
    const output = new Amf3Output(stub.connection)
    expect(output.interleaves).toBe(false)
    stub.interleaves = true
    expect(output.interleaves).toBe(true)
  })

  it('has objects of applications in AMF3, nothing else', () => {
    const [avmPlus, unsupported] = [new AvmPlus(1), new Unsupported()]
    for (const value of [null, undefined, 1, 'a', true, avmPlus, unsupported]) expect(asAmf3Value(value)).toBe(value)
    for (const value of [{ a: 1 }, [1], Uint8Array.of(1)]) expect(asAmf3Value(value)).toEqual(new AvmPlus(value))
  })
})

describe('data of type 15', () => {
  const name = encodeAmf0('onMetaData').toString('hex')
  // onMetaData and {w: 1}: an ECMA array in AMF0 (§2.10), an object in AMF3 (§3.12).
  const amf0 = `${name} 08 00000001 0001 77 00 3ff0000000000000 000009`
  const amf3 = `${name} 11 0a0b01 0377 0401 01`

  it.each([
    ['with a selector', `00 ${amf3}`],
    ['without', amf3],
  ])('%s becomes type 18, metadata an ECMA array', (_what, given) => {
    const { messageTypeId, payload } = asAmf0Data(data(given)) as RtmpMessage
    expect([messageTypeId, payload.toString('hex')]).toEqual([MessageType.DataAmf0, amf0.replaceAll(' ', '')])
  })

  it('with bytes, which AMF0 has not, becomes type 18 with the values as they came', () => {
    const bytes = `${name} 11 0c03ff`
    const { messageTypeId, payload } = asAmf0Data(data(`00 ${bytes}`)) as RtmpMessage
    expect([messageTypeId, payload.toString('hex')]).toEqual([MessageType.DataAmf0, bytes.replaceAll(' ', '')])
  })

  it.each([
    ['nonsense', '00 ff'],
    ['half a value', `00 ${name} 11 0a`],
  ])('with %s is no data', (_what, given) => {
    expect(asAmf0Data(data(given))).toBeUndefined()
  })

  it('of type 18 stays as it is', () => {
    const message = data(amf0, MessageType.DataAmf0)
    expect(asAmf0Data(message)).toBe(message)
  })

  it('of any bytes does no harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        asAmf0Data({ ...data(''), payload: Buffer.from(bytes) })
      }),
      { numRuns: 300 },
    )
  })
})
