import { describe, expect, it } from 'vitest'
import { TestServer } from '@rtmpipe/testing'
import { publishKeys } from '../../src/auth/index.ts'
import { logLines } from './support/log-lines.ts'

const denied = { statusCode: 'NetStream.Publish.Denied' }

describe('publishKeys', () => {
  it('lets publishers in by any of the keys, in the stream name or in the application', async () => {
    await using server = new TestServer({ plugins: [publishKeys({ keys: ['one', 'two'] })] })
    await server.publish('live/a?key=one')
    await server.publish('live/b?key=two')
    await (await server.connect('live?key=one')).publish('c')
  })

  it('tells others why not, and lets everybody play', async () => {
    await using server = new TestServer({ plugins: [publishKeys({ keys: ['one'] })] })
    for (const name of ['a?key=two', 'a?key=', 'a?key=ONE', 'a?key=one1', 'a?key=on', 'a?key=one&key=two']) {
      await expect(server.publish(`live/${name}`)).rejects.toMatchObject({ ...denied, description: 'wrong key' })
    }
    await expect(server.publish('live/a?kez=one')).rejects.toMatchObject({
      ...denied,
      description: 'a key is needed: name?key=…',
    })
    await server.play('live/a')
  })

  it('refuses actions that do not exist, since nobody would be asked', () => {
    expect(() => publishKeys({ keys: ['one'], actions: ['plubish' as 'publish'] })).toThrow('got plubish')
  })

  it('guards players as well when told to', async () => {
    await using server = new TestServer({
      plugins: [publishKeys({ keys: ['one'], actions: ['play'], parameter: 'token' })],
    })
    await expect(server.play('live/a?token=two')).rejects.toMatchObject({ statusCode: 'NetStream.Play.Failed' })
    await server.play('live/a?token=one')
    await server.publish('live/a')
  })

  it('opens with a key what is the key’s, and nothing else', async () => {
    const keys = [{ key: 'studio', streams: ['live/studio-*', 'test/**'] }, 'master']
    await using server = new TestServer({ plugins: [publishKeys({ keys })] })
    await server.publish('live/studio-1?key=studio')
    await server.publish('test/a/b?key=studio')
    await server.publish('live/other?key=master')
    await expect(server.publish('live/more?key=studio')).rejects.toMatchObject(denied)
  })

  it('takes no empty keys, and not none', () => {
    expect(() => publishKeys({ keys: [] })).toThrow('at least one key')
    expect(() => publishKeys({ keys: ['a', ''] })).toThrow(TypeError)
  })

  it('leaves keys out of the log, right and wrong ones', async () => {
    const lines: string[] = []
    await using server = new TestServer({ plugins: [publishKeys({ keys: ['s3cret'] })], log: logLines(lines) })
    await server.publish('live/a?key=s3cret')
    await expect(server.publish('live/b?key=s3cred')).rejects.toThrow('wrong key')
    await expect((await server.connect('live?key=s3cred')).publish('c')).rejects.toThrow('wrong key')
    expect(lines.filter(line => line.includes('publish refused'))).toHaveLength(2)
    expect(lines.filter(line => /s3cre/.test(line))).toEqual([])
  })
})
