import { describe, expect, it } from 'vitest'
import { checkSockets, inheritedSockets } from '../../../src/serve/service/inherited-sockets.ts'

const of = (count: string, names?: string) =>
  inheritedSockets({ LISTEN_PID: '7', LISTEN_FDS: count, LISTEN_FDNAMES: names }, 7)

describe('inheritedSockets()', () => {
  it.each([
    ['1', 'http', { http: 3 }],
    ['1', 'https', { https: 3 }],
    ['2', 'https:http', { https: 3, http: 4 }],
    ['2', undefined, { http: 3, https: 4 }],
    ['2', 'unknown:unknown', { http: 3, https: 4 }],
    ['0', '', {}],
    ['none', '', {}],
    ['1.5', '', {}],
  ])('takes %s called %s', (count, names, sockets) => expect(of(count, names)).toEqual(sockets))

  it('leaves those of other processes alone', () => {
    expect(inheritedSockets({ LISTEN_PID: '8', LISTEN_FDS: '1' }, 7)).toEqual({})
    expect(inheritedSockets({ LISTEN_FDS: '1' }, 7)).toEqual({})
    expect(inheritedSockets({}, 7)).toEqual({})
  })

  it.each([
    [
      '1',
      'rtmpipe.socket',
      'inherited socket rtmpipe.socket is for no port of ours: set FileDescriptorName=http or https',
    ],
    ['3', undefined, 'inherited socket 3 is for no port of ours: set FileDescriptorName=http or https'],
    ['2', 'http:http', 'two inherited sockets are called http: one of them will do, for one address'],
  ])('refuses %s called %s', (count, names, message) => {
    expect(() => of(count, names)).toThrow(message)
  })
})

describe('checkSockets()', () => {
  it('refuses a socket whose port is off', () => {
    expect(() => checkSockets({ http: 3 }, { rtmpt: 8080, rtmpts: 'off' })).not.toThrow()
    expect(() => checkSockets({ http: 3, https: 4 }, { rtmpt: 8080, rtmpts: 'off' })).toThrow(
      'a socket for https is inherited, and rtmpts is off: one of them must change',
    )
  })
})
