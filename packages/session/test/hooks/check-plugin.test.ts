import { describe, expect, it } from 'vitest'
import type { Plugin } from '../../src/contract/plugin.ts'
import { checkPlugin } from '../../src/hooks/check-plugin.ts'
import { RtmpServer } from '../../src/server/rtmp-server.ts'

const nothing = (): undefined => undefined

class Misspelt implements Plugin {
  readonly name = 'misspelt'
  onPublsh(): void {}
}

class Talkative implements Plugin {
  readonly name = 'talkative'
  onTimeout(): void {}
  bindTo(): void {}
  sourceOf(): void {}
}

const record = (): Plugin => ({ name: 'record' })
function factory(): Plugin {
  return { name: 'factory' }
}

describe('what is no plugin', () => {
  const slips: [string, unknown, string][] = [
    [
      'a misspelt hook',
      { name: 'a', onPublsh: nothing },
      'plugin a: there is no hook onPublsh, did you mean onPublish?',
    ],
    ['a hook in lower case', { name: 'a', onplay: nothing }, 'did you mean onPlay?'],
    ['a misspelt method', new Misspelt(), 'plugin misspelt: there is no hook onPublsh, did you mean onPublish?'],
    [
      'a hook that never was',
      { name: 'a', onTranscode: nothing },
      'there is no hook onTranscode; hooks are setup, onConnect,',
    ],
    [
      'a hook that is no function',
      { name: 'a', onPlay: true },
      'plugin a: onPlay should be a function, and is boolean',
    ],
    ['no name', { onPlay: nothing }, 'a plugin needs a name'],
    ['an empty name', { name: '' }, 'a plugin needs a name'],
    ['a factory', record, 'record is a function, not a plugin: call it: record({ … })'],
    ['another factory', factory, 'factory is a function, not a plugin: call it: factory({ … })'],
    ['a class', Talkative, 'Talkative is a class, not a plugin: make one: new Talkative(…)'],
    ['nothing', undefined, 'expected a plugin, an object with a name and hooks, got undefined'],
    ['a promise', Promise.resolve({ name: 'a' }), 'a plugin needs a name'],
  ]

  it.each(slips)('is refused: %s', (_what, plugin, message) => {
    const refusal = expect.objectContaining({ code: 'RTMP_ERR_USAGE', message: expect.stringContaining(message) })
    expect(() => checkPlugin(plugin)).toThrow(refusal)
    expect(() => new RtmpServer({ transports: [], plugins: [plugin as Plugin] })).toThrow(refusal)
  })

  it('does not replace the plugins of a server', async () => {
    const told: string[] = []
    await using server = new RtmpServer({
      transports: [],
      plugins: [{ name: 'a', onClose: () => void told.push('a') }],
    })
    await expect(server.replacePlugins([new Misspelt()])).rejects.toThrow('did you mean onPublish?')
    expect(told).toEqual([])
  })
})

describe('what is a plugin', () => {
  it('may have methods of its own in a class, and anything else in an object', () => {
    checkPlugin(new Talkative())
    checkPlugin({ name: 'a', onPlay: undefined, once: nothing, on: nothing, source: nothing, bindings: nothing })
    checkPlugin(Object.create({ onPublish: nothing }, { name: { value: 'a' } }))
  })

  it('may be a class where one will do, compiled or not', () => {
    checkPlugin(Talkative, 'objects and classes')
    const Old = function (this: { name: string }): void {
      this.name = 'old'
    }
    Old.prototype.onPublish = nothing
    checkPlugin(Old, 'objects and classes')
    expect(() => checkPlugin(Misspelt, 'objects and classes')).toThrow('did you mean onPublish?')
    expect(() => checkPlugin(record, 'objects and classes')).toThrow('call it: record({ … })')
  })
})
