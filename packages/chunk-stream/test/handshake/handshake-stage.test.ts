import { ClientHandshake, HandshakeStage, type HandshakeStep, ServerHandshake } from '@rtmpipe/chunk-stream'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { bytes, hex } from '../support/hex.ts'

const c0c1c2 = Buffer.concat([hex('03'), bytes(1536, 1), bytes(1536, 2)])

describe('HandshakeStage', () => {
  it('replies, says when it is done, and passes on what follows', async () => {
    const replies: Buffer[] = []
    const stage = new HandshakeStage(new ServerHandshake(), reply => replies.push(reply))
    const order: string[] = []
    stage.once('handshake', () => order.push('handshake'))
    stage.on('data', (data: Buffer) => order.push(data.toString('hex')))
    expect(replies).toEqual([])
    stage.write(Buffer.concat([c0c1c2, hex('0203')]))
    stage.end(hex('04'))
    await once(stage, 'end')
    expect(order).toEqual(['handshake', '0203', '04'])
    expect(replies.map(reply => reply.length)).toEqual([3073])
  })

  it('opens a client handshake at once', () => {
    const replies: Buffer[] = []
    void new HandshakeStage(new ClientHandshake(), reply => replies.push(reply))
    expect(replies.map(reply => reply.length)).toEqual([1537])
  })

  it('fails with the error of the handshake', async () => {
    const stage = new HandshakeStage(new ServerHandshake(), () => {})
    stage.write('GET / HTTP/1.1\r\n\r\n')
    const [error] = await once(stage, 'error')
    expect(error).toMatchObject({ code: 'RTMP_ERR_HANDSHAKE_VERSION' })
  })

  it('fails when it ends too early, unless that is allowed', async () => {
    const strict = new HandshakeStage(new ServerHandshake(), () => {})
    strict.resume().end(c0c1c2.subarray(0, 3072))
    const [error] = await once(strict, 'error')
    expect(error).toMatchObject({ code: 'RTMP_ERR_HANDSHAKE_TRUNCATED' })

    const lenient = new HandshakeStage(new ServerHandshake(), () => {}, { allowTruncated: true })
    lenient.resume().end(c0c1c2.subarray(0, 3072))
    await once(lenient, 'end')
  })

  it('decrypts what follows a handshake of RTMPE, and hands out what encrypts', async () => {
    const client = new ClientHandshake({ type: 'rtmpe' })
    const replies: Buffer[] = []
    const stage = new HandshakeStage(new ServerHandshake({ rtmpe: true }), reply => replies.push(reply))
    const received: Buffer[] = []
    stage.on('data', (data: Buffer) => received.push(data))
    const shaken = once(stage, 'handshake') as Promise<[HandshakeStep]>
    stage.write(client.start())
    const { reply = hex(''), ciphers } = client.push(Buffer.concat(replies))
    const encrypt = (bytes: Buffer) => ciphers?.outgoing.apply(bytes) ?? bytes
    stage.write(Buffer.concat([reply, encrypt(hex('0203'))]))
    stage.end(encrypt(hex('04')))
    await once(stage, 'end')
    expect(received).toEqual([hex('0203'), hex('04')])
    const [step] = await shaken
    expect(ciphers?.incoming.apply(step.ciphers?.outgoing.apply(hex('05')) ?? hex(''))).toEqual(hex('05'))
  })
})
