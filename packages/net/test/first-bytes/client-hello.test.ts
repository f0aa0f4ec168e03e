import { describe, expect, it } from 'vitest'
import { readClientHello } from '../../src/index.ts'
import { hellos } from './hellos.ts'

/** A hello without one of its extensions. */
function without(hello: Buffer, type: number): Buffer {
  const sessionId = 5 + 4 + 2 + 32
  let at = sessionId + 1 + hello.readUInt8(sessionId)
  at += 2 + hello.readUInt16BE(at)
  at += 1 + hello.readUInt8(at)
  const lengthAt = at
  at += 2
  while (hello.readUInt16BE(at) !== type) at += 4 + hello.readUInt16BE(at + 2)
  const removed = 4 + hello.readUInt16BE(at + 2)
  const rest = Buffer.concat([hello.subarray(0, at), hello.subarray(at + removed)])
  rest.writeUInt16BE(rest.readUInt16BE(3) - removed, 3)
  rest.writeUInt16BE(rest.readUInt16BE(lengthAt) - removed, lengthAt)
  return rest
}

const librtmp = hellos['rtmpdump'] ?? Buffer.alloc(0)

describe('readClientHello()', () => {
  it.each([
    ['rtmpdump', true],
    ['ffmpeg', false],
    ['gstreamer', false],
    ['curl', false],
  ])('knows whether %s needs TLS 1.2: %s', (name, needsTls12) => {
    expect(readClientHello(hellos[name] ?? Buffer.alloc(0))).toEqual({ needsTls12 })
  })

  it('takes ffmpeg without the name of a server for librtmp: both have GnuTLS', () => {
    expect(readClientHello(without(hellos['ffmpeg'] ?? Buffer.alloc(0), 0))).toEqual({ needsTls12: true })
  })

  it.each([
    ['a limit of record sizes', 28],
    ['session tickets', 35],
    ['TLS 1.3', 43],
  ])('takes nobody for librtmp who does not send %s', (_what, extension) => {
    expect(readClientHello(without(librtmp, extension))).toEqual({ needsTls12: false })
  })

  it('says nothing before the hello is whole', () => {
    for (let length = 0; length < librtmp.length; length += 1)
      expect(readClientHello(librtmp.subarray(0, length)), `${length}`).toBeUndefined()
    expect(readClientHello(Buffer.concat([librtmp, Buffer.of(1, 2, 3)]))).toEqual({ needsTls12: true })
  })

  it('waits for no more than 4 KiB', () => {
    expect(readClientHello(Buffer.from('160301ffff', 'hex'))).toEqual({ needsTls12: false })
  })

  it('takes whatever is broken for ordinary', () => {
    for (let at = 5; at < librtmp.length; at += 1) {
      const broken = Buffer.from(librtmp)
      broken[at] = 0xff
      expect(readClientHello(broken)).toBeDefined()
    }
    expect(readClientHello(Buffer.from('16030100020100', 'hex'))).toEqual({ needsTls12: false })
    expect(readClientHello(Buffer.from('GET / HTTP/1.1'))).toEqual({ needsTls12: false })
  })
})
