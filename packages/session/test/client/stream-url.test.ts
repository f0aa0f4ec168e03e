import { describe, expect, it } from 'vitest'
import { splitStreamUrl } from '../../src/client/stream-url.ts'

describe('splitStreamUrl', () => {
  it.each([
    ['rtmp://host/app/name', 'rtmp://host/app', 'name'],
    ['rtmps://host:1936/app/name', 'rtmps://host:1936/app', 'name'],
    ['rtmpt://[::1]:8080/app/name', 'rtmpt://[::1]:8080/app', 'name'],
    ['rtmpts://127.0.0.1/app/instance/name', 'rtmpts://127.0.0.1/app/instance', 'name'],
    ['rtmp://host/app/name?key=a/b&x=1', 'rtmp://host/app', 'name?key=a/b&x=1'],
    ['rtmp://host/app//name', 'rtmp://host/app/', 'name'],
    ['rtmp://host/app/ein Name 名?t=a b', 'rtmp://host/app', 'ein Name 名?t=a b'],
    ['rtmp://host/app/a%20b%2Fc', 'rtmp://host/app', 'a%20b%2Fc'],
    ['rtmp://host/ünï/key', 'rtmp://host/ünï', 'key'],
    ['rtmp://host/vod/mp4:a.mp4', 'rtmp://host/vod', 'mp4:a.mp4'],
    ['rtmp://host/live?t=1/key', 'rtmp://host/live?t=1', 'key'],
    ['rtmp://host/live/key#part?x=a/b', 'rtmp://host/live', 'key#part?x=a/b'],
    ['rtmp://user:p%40ss@host:1/app/name', 'rtmp://user:p%40ss@host:1/app', 'name'],
    ['rtmp://user:p@ss:$&@host/app/name', 'rtmp://user:p@ss:$&@host/app', 'name'],
    ['rtmp://host/live-bvc/?streamname=a/b&key=c', 'rtmp://host/live-bvc', '?streamname=a/b&key=c'],
    ['rtmp://host/app/inst/?key=c', 'rtmp://host/app/inst', '?key=c'],
    ['rtmp://host/live2?backup=1/abcd-efgh?x=1', 'rtmp://host/live2?backup=1', 'abcd-efgh?x=1'],
    ['rtmp://host/s/1234567890:AbCd-Ef_gH', 'rtmp://host/s', '1234567890:AbCd-Ef_gH'],
    ['rtmp://host/vod/mp4:folder/a.mp4', 'rtmp://host/vod', 'mp4:folder/a.mp4'],
    ['  rtmp://host/app/name ', 'rtmp://host/app', 'name'],
    ['RTMP://Host/App/Name', 'RTMP://Host/App', 'Name'],
  ])('%s', (url, appUrl, streamName) => {
    expect(splitStreamUrl(url)).toEqual({ appUrl, streamName })
  })

  it.each([
    'rtmp://host',
    'rtmp://host/',
    'rtmp://host/name',
    'rtmp://host/app/',
    'rtmp://host//name',
    'rtmp://host/app/?',
    'rtmp://host/app/#a',
    'rtmp://host/?key=a/b',
  ])('%s names no stream', url => {
    expect(() => splitStreamUrl(url)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_URL' }))
    expect(() => splitStreamUrl(url)).toThrow(/names no stream: expected rtmp:\/\/host\/app\/name$/)
  })

  it('keeps the query, where keys stand, out of its error', () => {
    expect(() => splitStreamUrl('rtmp://host/name?key=secret')).toThrow(/^(?!.*secret)/)
  })

  it('takes an address in two parts as it is', () => {
    expect(splitStreamUrl({ app: 'rtmp://u:p@host/a/b?x=1/2', name: 'c/d?y=3' })).toEqual({
      appUrl: 'rtmp://u:p@host/a/b?x=1/2',
      streamName: 'c/d?y=3',
    })
  })

  it.each([
    { app: 'rtmp://host', name: 'name' },
    { app: 'rtmp://host/?a=1', name: 'name' },
    { app: 'host/app', name: 'name' },
    { app: 'rtmp://host/app', name: '' },
    { app: 'rtmp://host/app', name: '?' },
    { app: 'rtmp://host/app', name: 'a\nb' },
  ])('%j names no stream', address => {
    expect(() => splitStreamUrl(address)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_URL' }))
  })

  it.each(['rtmp://host/app/a\nb', 'rtmp://host/app/\0', 'rtmp://host/app/\u007f'])('%j is none', url => {
    expect(() => splitStreamUrl(url)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_URL' }))
  })

  it.each(['', 'name', '/app/name', 'rtmp:app/name', 'rtmp:///app/name', 'rtmp://host:99999/app/name'])(
    '%j is no URL with a host',
    url => {
      expect(() => splitStreamUrl(url)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_URL' }))
      expect(() => splitStreamUrl(url)).toThrow(/is not a URL like rtmp:\/\/host\/app$/)
    },
  )
})
