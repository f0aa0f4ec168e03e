import { describe, expect, it } from 'vitest'
import { splitStreamUrl } from '../src/index.ts'

describe('splitStreamUrl', () => {
  it.each([
    ['rtmp://host/app/name', 'rtmp://host/app', 'name'],
    ['rtmps://host:1936/app/name', 'rtmps://host:1936/app', 'name'],
    ['rtmpt://[::1]:8080/app/name', 'rtmpt://[::1]:8080/app', 'name'],
    ['rtmpts://127.0.0.1/app/instance/name', 'rtmpts://127.0.0.1/app/instance', 'name'],
    ['rtmp://host/app/name?key=a/b&x=1', 'rtmp://host/app', 'name?key=a/b&x=1'],
    ['rtmp://host/app//name', 'rtmp://host/app/', 'name'],
  ])('%s', (url, appUrl, streamName) => {
    expect(splitStreamUrl(url)).toEqual({ appUrl, streamName })
  })

  it.each(['rtmp://host', 'rtmp://host/', 'rtmp://host/name', 'rtmp://host/app/', 'rtmp://host/?key=a/b'])(
    '%s names no stream',
    url => {
      expect(() => splitStreamUrl(url)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_URL' }))
      expect(() => splitStreamUrl(url)).toThrow(/names no stream: expected rtmp:\/\/host\/app\/name$/)
    },
  )

  it('keeps the query, where keys stand, out of its error', () => {
    expect(() => splitStreamUrl('rtmp://host/name?key=secret')).toThrow(/^(?!.*secret)/)
  })

  it.each(['', 'name', '/app/name', 'rtmp:app/name', 'rtmp:///app/name', 'rtmp://host:99999/app/name'])(
    '%j is no URL with a host',
    url => {
      expect(() => splitStreamUrl(url)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_URL' }))
      expect(() => splitStreamUrl(url)).toThrow(/is not a URL like rtmp:\/\/host\/app$/)
    },
  )
})
