import { describe, expect, it } from 'vitest'
import { sidOf } from '../../src/wire/sid.ts'
import { epochIn, isId, isReply, isSid, subjects } from '../../src/wire/subjects.ts'

const key = { app: 'live', streamName: 'secret' }
const sid = sidOf('cluster', key)

describe('sidOf', () => {
  it('is the beginning of an HMAC-SHA256 of application, NUL and name', () => {
    // printf 'live\0secret' | openssl dgst -sha256 -hmac cluster -binary | basenc --base64url | head -c 22
    expect(sid).toBe('91Dzyr5PmF3U1LN8WAzT2E')
  })

  it('is another for another secret, and does not mix up application and name', () => {
    expect(sidOf('other', key)).not.toBe(sid)
    expect(sidOf('cluster', { app: 'a/b', streamName: 'c' })).not.toBe(
      sidOf('cluster', { app: 'a', streamName: 'b/c' }),
    )
  })

  it('can stand in a subject, whatever the name', () => {
    for (let count = 0; count < 500; count += 1) {
      expect(isSid(sidOf('cluster', { app: 'live', streamName: `> * . ${count} é` }))).toBe(true)
    }
  })
})

describe('subjects', () => {
  it('are those of the version', () => {
    expect(subjects.media('s', 5)).toBe('rt1.m.s.5')
    expect(subjects.allMedia('s')).toBe('rt1.m.s.*')
    expect(subjects.snapshots('s', 5)).toBe('rt1.g.s.5')
    expect(subjects.allSnapshots('s')).toBe('rt1.g.s.*')
    expect(subjects.joins('s')).toBe('rt1.j.s')
    expect(subjects.epochs('s')).toBe('rt1.e.s')
    expect(subjects.node('n')).toBe('rt1.n.n')
    expect(subjects.replies('n')).toBe('rt1.r.n')
  })

  it('say the epoch', () => {
    expect(epochIn(subjects.media(sid, 67_108_867))).toBe(67_108_867)
    expect(epochIn(subjects.allMedia(sid))).toBeUndefined()
    expect(epochIn('rt1.m.s.nonsense')).toBeUndefined()
  })

  it.each(['', sid.slice(1), `${sid}a`, `${sid.slice(1)}.`, `${sid.slice(1)}*`, `${sid.slice(1)}>`, 5, undefined])(
    'have no %j for a stream',
    text => expect(isSid(text)).toBe(false),
  )

  it.each(['', 'a.b', '*', '>', 'a b', 'a\n', 'a'.repeat(65), 5, undefined])('have no %j for a node', text =>
    expect(isId(text)).toBe(false),
  )

  it('let nobody ask for answers on a subject that is for something else', () => {
    expect(isReply('rt1.r.node.1')).toBe(true)
    for (const subject of [undefined, 'rt1.m.s.5', '$KV.rt1_streams.s', '_INBOX.x', `rt1.r.${'a'.repeat(300)}`]) {
      expect(isReply(subject)).toBe(false)
    }
    // Characters whose lower eight bits end a line among them.
    for (const subject of ['rt1.r.a b', 'rt1.r.\r\nPUB', 'rt1.r.\u010d\u010aPUB', 'rt1.r.\u00e9']) {
      expect(isReply(subject)).toBe(false)
    }
  })
})
