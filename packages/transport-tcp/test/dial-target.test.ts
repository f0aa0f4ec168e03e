import { describe, expect, it } from 'vitest'
import { TcpUrlError } from '../src/index.ts'
import { dialTarget } from '../src/dial-target.ts'

describe('dialTarget', () => {
  it.each([
    ['rtmp://127.0.0.1/live', '127.0.0.1', 1935],
    ['rtmp://example.com:19350/live/key?token=a:b', 'example.com', 19_350],
    ['RTMP://user:secret@Example.COM/live', 'example.com', 1935],
    ['rtmp://[::1]/live', '::1', 1935],
    ['rtmp://[2001:db8::7]:80/live', '2001:db8::7', 80],
    ['rtmp://bücher.example/live', 'xn--bcher-kva.example', 1935],
  ])('%s', (url, host, port) => {
    expect(dialTarget(new URL(url))).toEqual({ host, port })
  })

  it.each(['rtmps://127.0.0.1/live', 'http://127.0.0.1/', 'rtmp:///live', 'rtmp:live', 'rtmp://a%20b/', 'rtmp://%ff/'])(
    'refuses %s',
    url => {
      const dialled = (): unknown => dialTarget(new URL(url))
      expect(dialled).toThrow(TcpUrlError)
      expect(dialled).toThrow(expect.objectContaining({ code: 'RTMP_ERR_TRANSPORT_URL' }))
    },
  )
})
