import { describe, expect, it } from 'vitest'
import { FallbackList } from '../../../src/client/fallback/fallback-list.ts'
import { placeOf } from '../../../src/client/fallback/place-of.ts'

const all = () => true

function ways(url: string, given: true | readonly string[] = true, knows: (scheme: string) => boolean = all): string[] {
  const home = new URL(url)
  return new FallbackList(home, given).waysTo(home, knows).ways.map(placeOf)
}

function refusalsOf(url: string, given: readonly string[]): string[] {
  const home = new URL(url)
  return new FallbackList(home, given).waysTo(home, all).refused.map(({ url: place }) => place)
}

const tunnelled = ['rtmpts://host:443', 'rtmpt://host:80']

describe('the standard list', () => {
  it.each([
    ['rtmp://host/live', ['rtmp://host:1935', 'rtmps://host:443', ...tunnelled]],
    ['rtmp://host:1935/live', ['rtmp://host:1935', 'rtmps://host:443', ...tunnelled]],
    ['rtmp://host:1940/live', ['rtmp://host:1940', 'rtmps://host:443', ...tunnelled]],
    ['rtmpt://host/live', ['rtmpt://host:80', 'rtmp://host:1935', 'rtmps://host:443', 'rtmpts://host:443']],
    ['rtmp://[::1]/live', ['rtmp://[::1]:1935', 'rtmps://[::1]:443', 'rtmpts://[::1]:443', 'rtmpt://[::1]:80']],
    ['rtmp://user:secret@Host/live?key=1', ['rtmp://host:1935', 'rtmps://host:443', ...tunnelled]],
  ])('of %s begins with it', (url, expected) => {
    expect(ways(url)).toEqual(expected)
  })

  it.each([
    ['rtmps://host/live', ['rtmps://host:443', 'rtmpts://host:443']],
    ['rtmps://host:1936/live', ['rtmps://host:1936', 'rtmps://host:443', 'rtmpts://host:443']],
    ['rtmpts://host/live', ['rtmpts://host:443', 'rtmps://host:443']],
  ])('of %s has nothing in plain text', (url, expected) => {
    expect(ways(url)).toEqual(expected)
  })

  it('of RTMPE keeps what it hides', () => {
    expect(ways('rtmpe://host/live')).toEqual([
      'rtmpe://host:1935',
      'rtmps://host:443',
      'rtmpts://host:443',
      'rtmpte://host:80',
    ])
  })

  it('has only what can be dialled', () => {
    expect(ways('rtmp://host/live', true, scheme => scheme === 'rtmp' || scheme === 'rtmpt')).toEqual([
      'rtmp://host:1935',
      'rtmpt://host:80',
    ])
  })

  it('has nothing for schemes that nobody knows', () => {
    expect(ways('memory://host/live')).toEqual(['memory://host'])
  })

  it('carries neither name, password nor stream', () => {
    const home = new URL('rtmp://user:secret@host/live/key?token=1')
    const [first, ...others] = new FallbackList(home, true).waysTo(home, all).ways
    expect(first).toBe(home)
    expect(others.join(' ')).not.toMatch(/user|secret|live|key|token/)
  })
})

describe('a list of the user', () => {
  it('has schemes, ports and hosts, each once, after the URL', () => {
    const list = ['RTMPS', 'rtmp:1935', 'rtmps:443', 'rtmpts:8443', 'rtmpt://edge:8080', 'rtmpt://edge:8080/']
    expect(ways('rtmp://host/live', list)).toEqual([
      'rtmp://host:1935',
      'rtmps://host:443',
      'rtmpts://host:8443',
      'rtmpt://edge:8080',
    ])
  })

  it('never leads from TLS to plain text, nor from RTMPE to what hides nothing', () => {
    const list = ['rtmp:1935', 'rtmpe:1935', 'rtmpt://other', 'rtmpts:8443']
    for (const url of ['rtmps://host/live', 'rtmpts://host:8443/live']) {
      expect(ways(url, list).filter(way => !/^rtmpt?s:/.test(way))).toEqual([])
      expect(refusalsOf(url, list)).toEqual(['rtmp://host:1935', 'rtmpe://host:1935', 'rtmpt://other:80'])
    }
    expect(refusalsOf('rtmpe://host/live', list)).toEqual(['rtmp://host:1935', 'rtmpt://other:80'])
  })

  it('takes unknown schemes for encrypted when they are asked for, and for plain when they are offered', () => {
    expect(refusalsOf('own://host/live', ['rtmp:1935', 'rtmps:443'])).toEqual(['rtmp://host:1935'])
    expect(refusalsOf('rtmps://host/live', ['own:1'])).toEqual(['own://host:1'])
  })

  it('has another host where the server sends us there', () => {
    const list = new FallbackList(new URL('rtmp://home/live'), ['rtmps:1936', 'rtmpts://edge:8443'])
    expect(list.waysTo(new URL('rtmp://away:1940/live'), all).ways.map(placeOf)).toEqual([
      'rtmp://away:1940',
      'rtmps://away:1936',
      'rtmpts://away:8443',
    ])
  })

  it.each([
    '',
    'rtmp:',
    'rtmp:0',
    'rtmp:65536',
    'own',
    'rtmp://',
    'rtmp://host/live',
    'rtmp://host:99999',
    'a b',
    '1935',
  ])('refuses %j', entry => {
    const error = {
      name: 'UsageError',
      code: 'RTMP_ERR_FALLBACK_LIST',
      message: expect.stringContaining('rtmpts:8443'),
    }
    expect(() => ways('rtmp://host/live', [entry])).toThrow(expect.objectContaining(error))
  })

  it.each(['rtmps:443', null, {}, [1], 7].map(given => [given as unknown as string[]]))(
    'refuses %j in place of a list',
    given => {
      const error = { name: 'UsageError', code: 'RTMP_ERR_FALLBACK_LIST' }
      expect(() => new FallbackList(new URL('rtmp://host/live'), given)).toThrow(expect.objectContaining(error))
    },
  )

  it('is refused without the secrets that are in it', () => {
    expect(() => ways('rtmp://host/live', ['rtmp://user:secret@host/live/key?token=1'])).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/user|secret|key\b|token/) }),
    )
  })
})
