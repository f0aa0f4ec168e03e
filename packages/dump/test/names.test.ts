import { describe, expect, it } from 'vitest'
import { RecordText } from '../src/record-text.ts'
import type { DumpOptions } from '../src/options.ts'
import { chunk, command, handshake, recordsOf } from './support/dump.ts'

const info = {
  level: 'status',
  code: 'NetStream.Publish.Start',
  description: 'Publishing s3cretkey.',
  details: 's3cretkey',
}

const client = [
  command(
    0,
    'connect',
    1,
    { app: 'live?token=t0ken', tcUrl: 'rtmp://user:passw0rd@host/live?token=t0ken&user=bob', password: 'passw0rd' },
    'passw0rd',
  ),
  command(0, 'releaseStream', 2, null, 's3cretkey?sig=t0ken'),
  command(0, 'FCPublish', 3, null, 's3cretkey?sig=t0ken'),
  command(1, 'publish', 4, null, 's3cretkey?sig=t0ken', 'live'),
  command(0, 'authorize', 5, null, 'passw0rd', { inner: 'passw0rd', other: 1 }),
  command(0, 'FCUnpublish', 6, null, 's3cretkey'),
  command(1, 'play', 7, null, 'mp4:0thersecret?x=1'),
  chunk(5, 18, 1, Buffer.from('\x02\x00\x0b0thersecret', 'latin1')),
]
const server = [
  command(0, '_error', 1, null, { level: 'error', description: 'authmod=adobe ?reason=needauth&salt=t0ken' }),
  command(0, 'onFCPublish', 0, null, info),
  command(1, 'onStatus', 0, null, { ...info, details: undefined }),
  command(1, 'onStatus', 0, null, info),
  chunk(5, 18, 1, Buffer.from('\x02\x00\x09s3cretkey', 'latin1')),
]
// All of the server's, where no name is known before.
const early = [command(1, 'onStatus', 0, null, { ...info, details: undefined })]

const secrets = ['s3cretkey', '0thersecret', 't0ken', 'passw0rd', 'bob']
const hex = secrets.map(secret => Buffer.from(secret).toString('hex'))

function written(messages: readonly Buffer[], options: DumpOptions): string {
  const records = recordsOf([handshake, ...messages], { hex: 200, ...options })
  const text = new RecordText()
  return records.flatMap(record => [JSON.stringify(record), text.line(record) ?? '']).join('\n')
}

describe.each([
  ['a client', client],
  ['a server', server],
  ['a server whose stream is not known', early],
])('what %s sent', (_name, messages) => {
  it('shows no names, queries or passwords, in no form', () => {
    const shown = written(messages, {})
    for (const secret of [...secrets, ...hex]) expect(shown).not.toContain(secret)
    expect(shown).toContain('***')
  })

  it('shows them when it is told to', () => {
    const shown = written(messages, { showNames: true })
    expect(shown).toContain('s3cretkey')
    expect(shown).toContain(hex[0])
    expect(shown).not.toContain('***')
  })
})

it('what is no secret stays', () => {
  const shown = written(client, {})
  for (const word of [
    'authorize(5) null, "***", {inner: "***", other: 1}',
    'releaseStream',
    '"live"',
    'tcUrl',
    'rtmp://***@host/live?token=***&user=***',
    'live?token=***',
  ]) {
    expect(shown).toContain(word)
  }
})
