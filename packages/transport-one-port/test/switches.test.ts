import { describe, expect, it } from 'vitest'
import { onePort } from '../src/index.ts'
import { Switches } from '../src/switches.ts'

describe('Switches', () => {
  it('take all that is possible unless told', () => {
    expect(new Switches(undefined, true).schemes).toEqual(['rtmp', 'rtmps', 'rtmpt', 'rtmpts', 'ws', 'wss'])
    expect(new Switches(undefined, false).schemes).toEqual(['rtmp', 'rtmpt', 'ws'])
    expect(new Switches(undefined, true).choosesAmongRequests).toBe(false)
  })

  it('know what needs TLS', () => {
    expect(new Switches(['rtmp', 'rtmpt'], true).tls).toBe(false)
    expect(new Switches(['rtmp', 'rtmps'], true).tls).toBe(true)
    expect(new Switches(['http'], true).tls).toBe(true)
    expect(new Switches(['http'], false).tls).toBe(false)
  })

  it.each([
    [['rtmpt'], '/open/1', false, undefined],
    [['rtmpt'], '/admin', false, 'This port tunnels RTMP and serves nothing else.'],
    [['http'], '/send/abc/1', false, 'This port does not take RTMPT.'],
    [['http', 'rtmpt'], '/idle/abc/1', true, 'This port does not take RTMPTS.'],
    [['http', 'rtmpts'], '/fcs/ident2', true, undefined],
    [['http', 'rtmpts'], '/opened', true, undefined],
  ] as const)('of %j refuse %s, by TLS %s: %s', (on, path, secure, sentence) => {
    const switches = new Switches(on, true)
    expect(switches.refusal(path, secure)).toBe(sentence)
    if (sentence !== undefined) expect(switches.choosesAmongRequests).toBe(true)
  })
})

describe('onePort()', () => {
  it.each([
    [{ protocols: ['rtmps'] }, 'rtmps needs the option tls, with a certificate'],
    [{ protocols: [] }, 'protocols is empty: the port would take nothing'],
    [{ protocols: ['rtsp'] }, 'there is no protocol rtsp: choose of rtmp, rtmps, rtmpt, rtmpts, ws, wss, http'],
    [{ firstBytesTimeout: 0 }, 'firstBytesTimeout is 0, not a number from 1 up'],
    [{ maxUndecided: Number.NaN }, 'maxUndecided is NaN, not a number from 1 up'],
  ])('refuses %j', (options, message) => {
    const make = () => onePort(options as object)
    expect(make).toThrow(expect.objectContaining({ code: 'RTMP_ERR_ONE_PORT_OPTION', message }))
  })
})
