import { describe, expect, it } from 'vitest'
import { lineText } from '../../src/serve/line-text.ts'
import { TerminalLog } from '../../src/serve/terminal-log.ts'

const from = { connection: 'c0ffee', remote: '192.0.2.7:50123', transport: 'rtmp' }
const cam = { ...from, app: 'live', stream: 'cam' }
const video = { kind: 'video', codec: 'avc1', isEnhanced: false, width: 1280, height: 720, frameRate: 30 }
const audio = { kind: 'audio', codec: 'mp4a', isEnhanced: false, sampleRate: 48_000, channels: 2 }

describe('a line of the log for people', () => {
  it.each([
    [
      { ...cam, codecs: [video, audio] },
      'publish started',
      'live/cam 1280x720 H.264 30 fps + AAC 48 kHz from 192.0.2.7 rtmp',
    ],
    [
      { ...cam, codecs: [{ ...video, codec: 'hvc1', frameRate: 29.97003 }] },
      'publish started',
      'live/cam 1280x720 H.265 29.97 fps from 192.0.2.7 rtmp',
    ],
    [
      {
        ...cam,
        codecs: [
          { kind: 'audio', codec: 'Opus' },
          { ...audio, codec: '.mp3', sampleRate: 44_100 },
        ],
      },
      'publish started',
      'live/cam Opus + MP3 44.1 kHz from 192.0.2.7 rtmp',
    ],
    [{ ...cam, principal: 'studio' }, 'play started', 'live/cam as studio from 192.0.2.7 rtmp'],
    [
      { ...cam, duration: 3_723_400, bytes: 1_234_567, dropped: 0, reason: 'unpublished' },
      'publish ended',
      'live/cam after 1:02:03 1.2 MB from 192.0.2.7 rtmp: unpublished',
    ],
    [
      { ...cam, duration: 61_000, bytes: 999, dropped: 7, reason: 'gone', code: 'X' },
      'play ended',
      'live/cam after 1:01 999 B dropped=7 code=X from 192.0.2.7 rtmp: gone',
    ],
    [
      { ...from, remote: '2001:db8::1:1935', app: 'live', flashVer: 'FMLE/3.0 (x; y)' },
      'connected',
      'live flashVer="FMLE/3.0 (x; y)" from 2001:db8::1 rtmp',
    ],
    [
      { duration: 59_940, bytesReceived: 12_300, bytesSent: 2.5e9 },
      'disconnected',
      'after 59.9 s 12.3 kB in 2.5 GB out',
    ],
    [{ settings: ['host'] }, 'takes effect after a restart', 'settings=["host"]'],
    [{ remote: '192.0.2.7:5', code: 'X' }, '192.0.2.7 speaks no TLS', 'code=X'],
  ])('%j', (fields, message, text) => {
    expect(lineText(fields, message)).toBe(`${message} ${text}`)
  })

  it('moves no cursor, whatever names strangers have', () => {
    const text = lineText({ ...cam, stream: 'a\u001b[2J\r\nb\u009b1m\u202e', flashVer: '\u0007' }, 'connected')
    expect(text).toBe('connected live/a\\u001b[2J\\u000d\\u000ab\\u009b1m\\u202e flashVer=\\u0007 from 192.0.2.7 rtmp')
  })
})

describe('TerminalLog', () => {
  const written = (isColoured: boolean, level: 'warn' | 'error', fields: object) => {
    const lines: string[] = []
    new TerminalLog(text => lines.push(text), isColoured)[level](fields, 'said')
    return lines
  }

  it('writes a line for each event, in colours where they are wanted', () => {
    expect(written(false, 'warn', { ...cam })).toEqual([
      expect.stringMatching(/^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: said live\/cam from 192\.0\.2\.7 rtmp\n$/),
    ])
    expect(written(true, 'error', {})).toEqual([expect.stringContaining('] \u001b[31mERROR\u001b[39m: said\n')])
  })

  it('shows where a program is at fault', () => {
    const [text = ''] = written(false, 'error', { err: new Error('bo\u001bom') })
    expect(text.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/ERROR: said$/),
      '    Error: bo\\u001bom',
      expect.stringMatching(/^ {4}at /),
    ])
  })
})
