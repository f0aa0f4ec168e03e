import type { BenchCase } from '../compliance.ts'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AmfValue } from '@rtmpipe/amf'
import { hookNames, misspeltHooks, type RtmpClient } from '@rtmpipe/session'
import type { PluginBench } from '../plugin-bench.ts'
import { outcome } from '../plugin-bench.ts'
import type { HookAnswer } from '../plugin-watch.ts'
import type { TestServer } from '../test-server.ts'

/** Names as no sensible client, but any hostile one sends them. */
const oddNames = [
  'x'.repeat(512),
  'mp4:a b.mp4',
  'ünïcødé ☂ 名',
  '__proto__',
  'constructor',
  '%2e%2e%2f%00%zz',
  '-rf *;$(x)`y`\'"<>|&',
  'a?',
  'a?=&&&=&?',
  'a?__proto__=1&constructor=2&toString=3',
  'a?token=%zz&token=%ff%fe&token',
  `a?${'k=v&'.repeat(1_000)}`,
]

const oddValues: readonly AmfValue[] = [
  -1,
  true,
  {},
  null,
  undefined,
  NaN,
  1e300,
  '',
  'x'.repeat(10_000),
  new Date(NaN),
  [[[]]],
]

/** What hooks answer, however odd the question. */
export const answerCases: readonly BenchCase<PluginBench>[] = [
  {
    name: 'has a name, and hooks that are functions and exist',
    async run({ subject: { plugin } }) {
      assert.ok(typeof plugin.name === 'string' && plugin.name !== '', 'the plugin has no name')
      for (const hook of hookNames)
        assert.ok(['undefined', 'function'].includes(typeof plugin[hook]), `${hook} is no function`)
      for (const [method, hook] of misspeltHooks(plugin)) {
        assert.fail(`${method} is no hook, so nobody calls it: is ${hook} meant?`)
      }
    },
  },
  {
    name: 'answers each question with nothing or with what the hook may answer, in time',
    async run(bench) {
      const server = await bench.server()
      await outcome('publish', server.publish(bench.path))
      await outcome('play', server.play(bench.path))
      const client = await outcome('connect', server.connect(bench.path.replace(/\/[^/]*$/, '')))
      if (typeof client !== 'string') await share(client)
      for (const answer of bench.answers) check(answer)
      assert.deepEqual(bench.faults, [])
    },
  },
  {
    name: 'takes odd names and queries without failing',
    async run(bench) {
      const server = await bench.server()
      for (const name of oddNames) {
        await outcome(`connect to ${name}`, server.connect(name))
        await ask(bench, server, name)
      }
      for (const answer of bench.answers) check(answer)
      assert.deepEqual(bench.faults, [])
    },
  },
  {
    name: 'takes odd values in connect and in calls without failing',
    async run(bench) {
      const server = await bench.server()
      const app = bench.path.replace(/\/[^/]*$/, '')
      const properties = Object.fromEntries(
        oddValues.map((value, index) => [['flashVer', 'swfUrl', 'fourCcList'][index] ?? `odd${index}`, value]),
      )
      const client = await outcome('connect', server.connect(app, { properties }))
      if (typeof client !== 'string') {
        for (const value of oddValues) await outcome('a call', client.call('complianceProbe', value))
        await outcome('a call', client.call('__proto__'))
      }
      assert.deepEqual(bench.faults, [])
    },
  },
]

async function share(client: RtmpClient): Promise<void> {
  const object = await outcome('a shared object', client.sharedObject('compliance'))
  if (typeof object === 'string') return
  const answered = Promise.race([once(object, 'sync'), once(object, 'status'), once(object, 'close')])
  object.set('key', 'value')
  await outcome('a write to a shared object', answered)
}

async function ask(bench: PluginBench, server: TestServer, name: string): Promise<void> {
  const app = bench.path.replace(/\/[^/]*$/, '')
  for (const kind of ['publish', 'play'] as const) {
    const client = await outcome('connect', server.connect(app))
    if (typeof client === 'string') return
    await outcome<unknown>(`${kind} of ${name}`, client[kind](name))
    client.messages.destroy()
  }
}

function check({ hook, value }: HookAnswer): void {
  if (value === undefined || hook === 'onCall') return
  const answer = Object(value) as Record<string, unknown>
  const says = `${hook} answered ${typeof value}`
  if (hook === 'sourcePlay')
    assert.ok(
      ['pipe', 'open', 'messages'].some(key => key in answer),
      `${says}, no source`,
    )
  else if (hook.startsWith('bind')) assert.ok('pipe' in answer && 'write' in answer, `${says}, no Transform`)
  else if (hook.endsWith('Accepted'))
    assert.ok(
      isDenial(answer) || typeof value === 'function' || typeof answer['whenAgreed'] === 'function',
      `${says}, neither a denial, nor a function, nor a last act`,
    )
  else if (['onConnect', 'onPublish', 'onPlay', 'onSharedObject', 'onIntroduce'].includes(hook)) {
    const isAnswer =
      hook === 'onConnect'
        ? typeof answer['response'] === 'object'
        : hook === 'onIntroduce'
          ? typeof answer['allowed'] === 'boolean'
          : hook !== 'onSharedObject' && typeof answer['streamName'] === 'string'
    assert.ok(isDenial(answer) || isAnswer, `${says}, neither a denial nor an answer object`)
  }
}

function isDenial(answer: Record<string, unknown>): boolean {
  return answer['denied'] === true && typeof answer['code'] === 'string' && typeof answer['description'] === 'string'
}
