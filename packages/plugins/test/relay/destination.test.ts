import { describe, expect, it } from 'vitest'
import { destinationOf, destinationsBelow, withoutSecrets } from '../../src/relay/destination.ts'

describe('destinationOf', () => {
  it('takes a URL apart at the last slash of its path', () => {
    expect(destinationOf('rtmps://user:pw@host:443/app/inst/na me?token=a/b')).toMatchObject({
      appUrl: 'rtmps://user:pw@host:443/app/inst',
      streamName: 'na me?token=a/b',
      shown: 'rtmps://host:443/app/inst/…',
    })
    expect(destinationOf('rtmp://u:p@ss@host/live/x')).toMatchObject({
      appUrl: 'rtmp://u:p@ss@host/live',
      shown: 'rtmp://host/live/…',
    })
    expect(destinationOf('rtmp://[::1]:1935/live/x')).toMatchObject({ appUrl: 'rtmp://[::1]:1935/live' })
  })

  it('takes keys that are a query, and queries of the application', () => {
    expect(destinationOf('rtmp://host/live-bvc/?streamname=live_1&key=abc')).toMatchObject({
      appUrl: 'rtmp://host/live-bvc',
      streamName: '?streamname=live_1&key=abc',
      shown: 'rtmp://host/live-bvc/…',
    })
    const backup = { appUrl: 'rtmp://host/live2?backup=1', streamName: 'abcd', shown: 'rtmp://host/live2/…' }
    expect(destinationOf('rtmp://host/live2?backup=1/abcd')).toMatchObject(backup)
    expect(destinationOf({ app: 'rtmp://host/live2?backup=1', name: 'abcd' })).toMatchObject(backup)
  })

  it('keeps secrets of both queries', () => {
    const destination = destinationOf({ app: 'rtmp://host/live?t=hushhush', name: '?streamname=show1234&key=silence' })
    expect(withoutSecrets('live?t=hushhush refuses ?streamname=show1234&key=silence: silence', destination)).toBe(
      'live?… refuses …: …',
    )
  })

  it('refuses what is no stream, and does not say it again', () => {
    for (const url of [
      '',
      'live/x',
      'rtmp://host',
      'rtmp://host/app',
      'rtmp://host/app/',
      'rtmp://h/s3cret\n/x',
      '://s3cret/a/b',
    ]) {
      expect(() => destinationOf(url)).toThrow(/^a relay's URL is not like rtmp:\/\/host\/app\/name$/)
    }
  })
})

describe('destinationsBelow', () => {
  it('puts names behind the application and before its query', () => {
    const at = destinationsBelow('rtmp://host/app/?token=secret1')
    expect(at('../a?')).toMatchObject({ appUrl: 'rtmp://host/app', streamName: '../a??token=secret1' })
    expect(at('a').shown).toBe('rtmp://host/app/a?…')
    expect(at('?key=hush')).toMatchObject({ streamName: '?key=hush&token=secret1', shown: 'rtmp://host/app/?…' })
    expect(destinationsBelow('rtmp://host/app')('a').shown).toBe('rtmp://host/app/a')
    expect(destinationsBelow('rtmp://host/app')('a;hush').shown).toBe('rtmp://host/app/a')
    expect(at('a%3fhush').shown).toBe('rtmp://host/app/a?…')
    expect(destinationsBelow('rtmp://user:pw@host/app')('a')).toMatchObject({
      appUrl: 'rtmp://user:pw@host/app',
      shown: 'rtmp://host/app/a',
    })
  })
})

describe('withoutSecrets', () => {
  it('leaves out name, query and values, however they are written', () => {
    const destination = destinationOf('rtmp://host/app/live_1234?k=a%2Fbcdefg&s=xy')
    const text = 'live_1234?k=a%2Fbcdefg&s=xy live_1234 a%2Fbcdefg a/bcdefg xy, proxy'
    expect(withoutSecrets(text, destination)).toBe('… … … … …, proxy')
  })

  it('leaves out passwords, as they were written and as they are', () => {
    const destination = destinationsBelow('rtmp://user:pa%40ss99@host/app')('show')
    const text = 'show of user at "rtmp://user:pa%40ss99@host/app" is refused: pa%40ss99, pa@ss99'
    expect(withoutSecrets(text, destination)).toBe('show of user at "rtmp://…@host/app" is refused: …, …')
  })

  it('leaves names in that are no secret', () => {
    expect(withoutSecrets('show is busy', destinationsBelow('rtmp://host/app')('show'))).toBe('show is busy')
    const hidden = destinationsBelow('rtmp://host/app?t=1')('show;secret')
    expect(withoutSecrets('show;secret is busy', hidden)).toBe('… is busy')
    expect(withoutSecrets('show?t=1 is busy', destinationsBelow('rtmp://host/app?t=1')('show'))).toBe('… is busy')
  })
})
