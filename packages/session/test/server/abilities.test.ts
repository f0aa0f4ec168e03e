import { TestServer } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import type { Host } from '../../src/contract/host.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import type { StreamView } from '../../src/contract/stream-view.ts'

/** Records under its name. */
function recorder(name: string): Plugin {
  const act = () => ({ by: name, since: new Date(), bytes: 0, end() {} })
  return { name, setup: host => host.offer('record', act) }
}

const stream = { app: 'live', name: 'a' } as StreamView

it('nothing is offered by plugins that offer nothing', async () => {
  await using test = new TestServer({ plugins: [{ name: 'plain' }] })
  await test.connect('live')
  expect([test.server.abilities.record, test.server.abilities.relay]).toEqual([undefined, undefined])
})

it('the first in the list that offers something does it, for plugins and for the owner of the server', async () => {
  let host: Host | undefined
  const asking: Plugin = { name: 'asking', setup: given => void (host = given) }
  await using test = new TestServer({ plugins: [asking, recorder('one'), recorder('two')] })
  await test.connect('live')
  expect(await host?.server.abilities.record?.(stream)).toMatchObject({ by: 'one' })
  expect(await test.server.abilities.record?.(stream)).toMatchObject({ by: 'one' })
  expect(host?.server.abilities.relay).toBeUndefined()
})

it('a file is opened by the first that plays it', async () => {
  const opening = (name: string): Plugin => ({
    name,
    setup: host =>
      host.offer('openFile', async app => (app === name ? { media: { name } as never, release() {} } : undefined)),
  })
  await using test = new TestServer({ plugins: [opening('one'), opening('two')] })
  await test.connect('live')
  const open = async (app: string) => test.server.abilities.openFile?.(app, 'film')
  expect([await open('one'), await open('two')]).toMatchObject([{ media: { name: 'one' } }, { media: { name: 'two' } }])
  expect(await open('three')).toBeUndefined()
})

it('an offer is made as long as its plugin is in the list, whoever still uses those that were replaced', async () => {
  const one = recorder('one')
  await using test = new TestServer({ plugins: [one] })
  const client = await test.connect('live')
  const { abilities } = test.server
  await test.server.replacePlugins([recorder('two'), one])
  expect(await abilities.record?.(stream)).toMatchObject({ by: 'two' })
  await test.server.replacePlugins([])
  expect(abilities.record).toBeUndefined()
  await client.close()
  await test.server.replacePlugins([one])
  expect(await abilities.record?.(stream)).toMatchObject({ by: 'one' })
})

it('who is used no more, or could not be set up, offers nothing', async () => {
  let host: Host | undefined
  const late: Plugin = { name: 'late', setup: given => void (host = given) }
  await using test = new TestServer({ plugins: [late] })
  const client = await test.connect('live')
  await test.server.replacePlugins([])
  await client.close()
  await expect.poll(() => host?.signal.aborted, { interval: 1 }).toBe(true)
  const failing: Plugin = {
    name: 'failing',
    setup({ offer }) {
      offer('record', () => ({ by: 'failing', since: new Date(), bytes: 0, end() {} }))
      throw new Error('no folder')
    },
  }
  await expect(test.server.replacePlugins([failing])).rejects.toThrow('no folder')
  const plain: Plugin = { ...late, setup() {} }
  await test.server.replacePlugins([plain])
  host?.offer('record', () => ({ by: 'late', since: new Date(), bytes: 0, end() {} }))
  expect(test.server.abilities.record).toBeUndefined()
})

it('errors are those of the plugin', async () => {
  const refusing: Plugin = {
    name: 'refusing',
    setup: host => host.offer('relay', async (_stream, url) => Promise.reject(new TypeError(`not to ${url}`))),
  }
  await using test = new TestServer({ plugins: [refusing] })
  await test.connect('live')
  await expect(test.server.abilities.relay?.(stream, 'there')).rejects.toThrow(new TypeError('not to there'))
})
