import { describe, expect, it } from 'vitest'
import * as targets from '../../src/protocol/stream-target.ts'

const { isBadName, parseStreamName } = targets

/** Of names that are taken. */
function good<Target extends object>(target: Target | targets.BadName): Target {
  if (isBadName(target)) throw new Error(target.fault)
  return target
}

const appTarget = (app: string, tcUrl: string) => good(targets.appTarget(app, tcUrl))
const streamTarget = (target: targets.AppTarget, name: string) => good(targets.streamTarget(target, name))

const query = (parameters: URLSearchParams) => Object.fromEntries(parameters)

describe('what clients make of a URL', () => {
  it.each([
    // what is meant, app, tcUrl, name -> app, stream name, query
    ['ffmpeg /live/key', 'live', 'rtmp://h:1935/live', 'key', 'live', 'key', {}],
    ['ffmpeg /live/inst/key', 'live/inst', 'rtmp://h:1935/live/inst', 'key', 'live/inst', 'key', {}],
    ['ffmpeg /a/b/c/d', 'a/b', 'rtmp://h/a/b', 'c/d', 'a/b', 'c/d', {}],
    ['librtmp /a/b/c/d', 'a/b/c', 'rtmp://h/a/b/c', 'd', 'a/b/c', 'd', {}],
    ['ffmpeg /live/key?t=1', 'live', 'rtmp://h/live', 'key?t=1', 'live', 'key', { t: '1' }],
    ['FMLE /live?t=1/key', 'live?t=1', 'rtmp://h/live?t=1', 'key', 'live', 'key', { t: '1' }],
    ['a slash in the query', 'live/key?t=a', 'rtmp://h/live/key?t=a', 'b', 'live/key', 'b', { t: 'a' }],
    ['the colon rule', 'live', 'rtmp://h/live', 'key?u=http://x', 'live', 'key', { u: 'http://x' }],
    ['OBS, token in the server field', 'app?token=x', 'rtmp://h/app?token=x', 'key', 'app', 'key', { token: 'x' }],
    ['OBS, everything in the server field', 'live/key', 'rtmp://h/live/key', '', 'live', 'key', {}],
    ['the same with a token', 'live/key?t=1', 'rtmp://h/live/key?t=1', '', 'live', 'key', { t: '1' }],
    ['a name that is a query only', 'live/key', 'rtmp://h/live/key', '?t=1', 'live', 'key', { t: '1' }],
    ['a key that is a query only', 'bvc', 'rtmp://h/bvc', '?n=a/b&k=1', 'bvc', '?n=a/b&k=1', { n: 'a/b', k: '1' }],
    ['the same after a token', 'bvc?t=1', 'rtmp://h/bvc?t=1', '?k=1', 'bvc', '?k=1', { t: '1', k: '1' }],
    [
      'authmod in app and tcUrl',
      'live?authmod=adobe&user=u',
      'rtmp://h/live?authmod=adobe&user=u',
      'k',
      'live',
      'k',
      { authmod: 'adobe', user: 'u' },
    ],
    ['# for ?', 'live#t=1', 'rtmp://h/live', 'key#u=2', 'live', 'key', { t: '1', u: '2' }],
    ['slashes around the app', '/live/', 'rtmp://h/live/', 'key', 'live', 'key', {}],
    ['_definst_', 'live/_definst_', 'rtmp://h/live/_definst_', 'key', 'live', 'key', {}],
    ['_definst_ and a slash', 'live/_definst_/', 'rtmp://h/live', 'key', 'live', 'key', {}],
    ['_definst_ alone', '_definst_', 'rtmp://h', 'key', '', 'key', {}],
    ['a name like it', 'my_definst_', 'rtmp://h', 'key', 'my_definst_', 'key', {}],
    ['no app, tcUrl has one', '', 'rtmp://h:1935/live/inst?t=1', 'key', 'live/inst', 'key', { t: '1' }],
    ['no app, no path', '', 'rtmp://h', 'key', '', 'key', {}],
    ['nothing but a name', '', '', 'key', '', 'key', {}],
    ['prefixes of names stay', 'vod', 'rtmp://h/vod', 'mp4:a/b.mp4', 'vod', 'mp4:a/b.mp4', {}],
    ['dots in names', 'a.b', 'rtmp://h/a.b', '..x/y..', 'a.b', '..x/y..', {}],
    ['names stay as they are, even %2e%2e', 'live', 'rtmp://h/live', '%2e%2e/k', 'live', '%2e%2e/k', {}],
  ])('%s', (_what, app, tcUrl, name, expectedApp, expectedName, expectedQuery) => {
    const target = streamTarget(appTarget(app, tcUrl), name)
    expect([target.app, target.streamName, query(target.query)]).toEqual([expectedApp, expectedName, expectedQuery])
  })
})

describe('names', () => {
  it.each([
    ['live', 'live', ''],
    ['live/room', 'live/room', 'room'],
    ['live/a/b', 'live/a/b', 'a/b'],
    ['live/_definst_', 'live', ''],
    ['/live/room/?x=1', 'live/room', 'room'],
    ['', '', ''],
  ])('the instance of app %j', (given, app, instance) => {
    expect(appTarget(given, '')).toMatchObject({ app, instance })
    expect(streamTarget(appTarget(given, ''), 'name')).toMatchObject({ app, instance })
  })

  it('the instance of an app that gave its last part for the name is what is left', () => {
    expect(streamTarget(appTarget('live/room/key', ''), '')).toMatchObject({
      app: 'live/room',
      instance: 'room',
      streamName: 'key',
    })
    expect(streamTarget(appTarget('live/key', ''), '')).toMatchObject({ app: 'live', instance: '' })
  })

  it.each([
    ['mp4:a/b.mp4', 'mp4', 'a/b.mp4'],
    ['flv:a', 'flv', 'a'],
    ['mp3:a:b', 'mp3', 'a:b'],
    ['MP4:a', '', 'MP4:a'],
    ['raw:a', '', 'raw:a'],
    ['a', '', 'a'],
    ['mp4', '', 'mp4'],
    ['x/mp4:a', '', 'x/mp4:a'],
  ] as const)('the prefix of %s', (streamName, filePrefix, fileName) => {
    expect(parseStreamName(streamName)).toEqual({ streamName, filePrefix, fileName })
    expect(streamTarget(appTarget('vod', ''), `${streamName}?a=1`)).toMatchObject({ streamName, filePrefix, fileName })
  })

  it.each([
    ['an IPv6 host', 'rtmp://[::1]:1935/live/room', 'live/room'],
    ['a scheme with a digit', 'x2-t+a.b://h/live', 'live'],
    ['a user', 'rtmp://user:pass@h/live', 'live'],
  ])('the app of a tcUrl with %s', (_what, tcUrl, app) => {
    expect(appTarget('', tcUrl).app).toBe(app)
  })

  it('blanks and letters of all kinds stay as they are', () => {
    expect(streamTarget(appTarget('ünï cødé', ''), 'ein Name 名').streamName).toBe('ein Name 名')
  })
})

describe('queries', () => {
  it('are merged from tcUrl, app and name, and the later wins', () => {
    const target = appTarget('live?b=app&c=app', 'rtmp://h/live?a=url&b=url&c=url')
    expect(query(target.query)).toEqual({ a: 'url', b: 'app', c: 'app' })
    expect(query(streamTarget(target, 'key?c=name').query)).toEqual({ a: 'url', b: 'app', c: 'name' })
    expect(query(target.query)).toEqual({ a: 'url', b: 'app', c: 'app' })
  })

  it('have their values decoded once', () => {
    const target = streamTarget(appTarget('live', ''), 'key?t=a%2Fb%252F&s=x+y&bad=%zz')
    expect(query(target.query)).toEqual({ t: 'a/b%2F', s: 'x y', bad: '%zz' })
  })
})

const wrongNames: [what: string, name: string][] = [
  ['traversal', '../../etc/passwd'],
  ['traversal inside', 'a/../b'],
  ['traversal at the end', 'a/..'],
  ['a dot as a part', 'a/./b'],
  ['a dot alone', '.'],
  ['traversal between blanks', 'a/ .. /b'],
  ['NUL', 'a\0b'],
  ['a line break', 'a\nb'],
  ['DEL', 'a\x7fb'],
  ['a backslash', 'a\\b'],
  ['a control sequence of eight bits', 'a\u009b2Jb'],
]

describe('blanks and line ends around a name that was pasted', () => {
  it.each(['key\r\n', '\tkey', ' key ', '\u00a0key\ufeff', 'key ?t=1', ' key?t=1\r\n'])('%j', name => {
    const target = streamTarget(appTarget('live', ''), name)
    expect(target).toMatchObject({ streamName: 'key', fileName: 'key', rawQuery: name.includes('?') ? 't=1' : '' })
    expect(query(target.query)).toEqual(name.includes('?') ? { t: '1' } : {})
  })

  it.each([
    ['live\r\n', 'rtmp://h/live\r\n'],
    ['/live/ ', ''],
    ['', ' rtmp://h/live\n'],
    ['live ?x=1', ''],
    ['live /', ''],
    ['/ live', ''],
    ['live/ /_definst_', ''],
  ])('app %j, tcUrl %j', (app, tcUrl) => {
    expect(appTarget(app, tcUrl).app).toBe('live')
  })

  it.each(['live/ key', 'live /key'])('app %j, which has the name too', app => {
    expect(streamTarget(appTarget(app, ''), '')).toMatchObject({ app: 'live', streamName: 'key', fileName: 'key' })
  })

  it('a name of nothing else is none', () => {
    expect(targets.streamTarget(appTarget('live', ''), ' \r\n')).toEqual({ fault: expect.stringContaining('missing') })
    expect(streamTarget(appTarget('live/key', ''), ' ').streamName).toBe('key')
  })
})

describe('names that are not taken', () => {
  it.each(wrongNames)('%s', (_what, name) => {
    const forbidden = { fault: expect.stringContaining('not allowed') }
    expect(targets.appTarget(name, '')).toEqual(forbidden)
    expect(targets.appTarget('', `rtmp://h/${name}`)).toEqual(forbidden)
    expect(targets.streamTarget(appTarget('live', ''), name)).toEqual(forbidden)
  })

  it.each(['', '?', '#', '#a=1'])('%j, when the app has one part only', name => {
    const missing = { fault: 'the stream key is missing: the URL should end in it, like rtmp://host/live/KEY' }
    expect(targets.streamTarget(appTarget('live?t=1', 'rtmp://h/live'), name)).toEqual(missing)
  })

  it.each(['?a=../..', `?a=${'x'.repeat(512)}`])('%s, where the query would be the name', name => {
    expect(targets.streamTarget(appTarget('live', ''), name)).toEqual({ fault: expect.any(String) })
  })

  it('names are at most 512 characters, queries at most 8192', () => {
    const live = appTarget('live', '')
    expect(streamTarget(live, 'x'.repeat(512)).streamName).toHaveLength(512)
    expect(appTarget('x'.repeat(512), '').app).toHaveLength(512)
    expect(query(streamTarget(live, `k?t=${'x'.repeat(8_190)}`).query)['t']).toHaveLength(8_190)
    const nameTooLong = { fault: expect.stringMatching(/has 513 characters, more than 512/) }
    expect(targets.streamTarget(live, 'x'.repeat(513))).toEqual(nameTooLong)
    expect(targets.appTarget('x'.repeat(513), '')).toEqual(nameTooLong)
    const queryTooLong = { fault: expect.stringMatching(/has 8193 characters, more than 8192/) }
    expect(targets.streamTarget(live, `k?t=${'x'.repeat(8_191)}`)).toEqual(queryTooLong)
    expect(targets.appTarget(`live?t=${'x'.repeat(8_191)}`, '')).toEqual(queryTooLong)
    expect(targets.appTarget('live', `rtmp://h/live?t=${'x'.repeat(8_191)}`)).toEqual(queryTooLong)
  })

  // A pattern takes many seconds for this many slashes; a look at the length takes none.
  it.each([
    ['app', () => targets.appTarget(`a${'/'.repeat(65_000)}a`, '')],
    ['tcUrl', () => targets.appTarget('', `rtmp://h/a${'/'.repeat(65_000)}a`)],
  ])('an %s of slashes is refused without taking it apart', (_what, target) => {
    const start = performance.now()
    expect(target()).toEqual({ fault: expect.stringContaining('more than 512') })
    expect(performance.now() - start).toBeLessThan(1_000)
  })
})
