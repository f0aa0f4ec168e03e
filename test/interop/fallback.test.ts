import { readFile, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createWriteStream } from 'node:fs'
import { sampleStream } from '@rtmpipe/testing'
import { FlvMuxStage } from 'rtmpipe'
import { describe, expect, it, type TestContext } from 'vitest'
import { Firewall, type Verdict, verdicts } from '../support/firewall.ts'
import { requireClient, type ClientName } from '../support/programs.ts'
import { TwoHosts } from '../support/two-hosts.ts'

const url = `rtmp://${TwoHosts.serverAddress}/live`

async function firewall(context: TestContext, ...needed: readonly ClientName[]): Promise<Firewall> {
  await requireClient(context, 'nftables', ...needed)
  return Firewall.create().catch((error: Error) => {
    console.warn(`skipping ${context.task.name}: no network namespaces here: ${error.message.split('\n')[0]}`)
    return context.skip('no network namespaces here')
  })
}

describe.each(Object.keys(verdicts) as Verdict[])('where all but HTTP is %s', verdict => {
  const isDropped = verdict === 'dropped without a word'
  const reason = isDropped ? 'no answer in' : 'connect E'

  it('a client is there within 1.5 s when 80 and 443 are open', async context => {
    await using wall = await firewall(context)
    await wall.serve()
    await wall.letPass([80, 443], verdict)
    const [first, second] = await wall.connect(url, 2)
    console.log(verdict, first, second)
    expect(first).toMatchObject({ state: 'connected', transport: 'rtmpts' })
    expect(first?.milliseconds).toBeLessThan(1_500)
    expect(first?.way).toMatch(new RegExp(`^rtmpts://10.199.0.1:443 \\(rtmp: ${reason}.*, rtmps: \\S`))
    // It is remembered.
    expect(second).toMatchObject({ state: 'connected', way: 'rtmpts://10.199.0.1:443' })
  })

  it('a client is there within 1.5 s when a proxy for HTTP at port 80 is all there is', async context => {
    await using wall = await firewall(context, 'nginx')
    await wall.serveBehindNginx()
    await wall.letPass([80], verdict)
    const [first, second] = await wall.connect(url, 2)
    console.log(verdict, first, second)
    expect(first).toMatchObject({ state: 'connected', transport: 'rtmpt' })
    expect(first?.milliseconds).toBeLessThan(1_500)
    expect(first?.way).toMatch(
      new RegExp(`^rtmpt://10.199.0.1:80 \\(rtmp: ${reason}.*, rtmps: ${reason}.*, rtmpts: ${reason}`),
    )
    expect(second).toMatchObject({ state: 'connected', way: 'rtmpt://10.199.0.1:80' })
  })
})

it('a firewall that takes connections and swallows what they say is no hindrance', async context => {
  await using wall = await firewall(context)
  await wall.serve()
  // The first packets of a connection to 1935 pass: the client believes to be connected.
  const opening = 'tcp dport 1935 tcp flags & (syn | psh | fin) == syn accept'
  await wall.letPass([80], 'dropped without a word', [opening])
  const [connected] = await wall.connect(url)
  console.log(connected)
  expect(connected).toMatchObject({ state: 'connected', transport: 'rtmpt' })
  expect(connected?.milliseconds).toBeLessThan(1_500)
})

it.concurrent('what is encrypted stays so: rtmps:// does not come by port 80', async context => {
  await using wall = await firewall(context)
  await wall.serve()
  await wall.letPass([80], 'rejected by a reset')
  await using player = wall.rtmpipe('play', `${url.replace('rtmp:', 'rtmps:')}/show`, '--fallback', '--insecure')
  const { stderr } = await player.finish(1)
  expect(stderr.join('\n')).toMatch(
    /^rtmpipe: no server answered: rtmps:\S+:443: connect E.*; rtmpts:\S+:443: connect E/,
  )
})

it.concurrent('rtmpipe publish and rtmpipe play --fallback relay a file through the firewall', async context => {
  await using wall = await firewall(context)
  await wall.serve()
  await wall.letPass([80, 443], 'dropped without a word')
  const [source, copy] = [wall.file('source.flv'), wall.file('copy.flv')]
  await pipeline(Readable.from(sampleStream(50)), new FlvMuxStage(), createWriteStream(source))
  const say = /^rtmpipe: connected by rtmpts:\/\/10\.199\.0\.1:443 \(rtmp: no answer in \d+ ms, rtmps: .*\)$/
  await using player = wall.rtmpipe('play', '--fallback', `${url}/show`, '--insecure', '-o', copy)
  await player.waitForLine(say)
  await using publisher = wall.rtmpipe('publish', source, `${url}/show`, '--fallback', '--insecure')
  await publisher.waitForLine(say)
  await publisher.finish(0)
  await player.finish(0)
  const [sent, received] = await Promise.all([readFile(source), readFile(copy)])
  expect(received.length).toBe(sent.length)
})

it.concurrent('a relay with fallback pushes through the firewall, by a way that it can trust', async context => {
  await using wall = await firewall(context)
  await wall.serve()
  await wall.letPass([80, 443], 'dropped without a word')
  const config = wall.file('relay.json')
  await writeFile(config, JSON.stringify({ relay: { push: { to: [url], fallback: true } } }))
  const ports = ['--rtmp', '1935', '--rtmps', 'off', '--rtmpt', 'off', '--rtmpts', 'off']
  await using relay = wall.rtmpipe('serve', ...ports, '--data', wall.file('near'), '--config', config)
  await relay.waitForLine(/^rtmpipe ready/)
  const [source, copy] = [wall.file('source.flv'), wall.file('copy.flv')]
  await pipeline(Readable.from(sampleStream(50)), new FlvMuxStage(), createWriteStream(source))
  await using player = wall.rtmpipe('play', `${url}/relayed`, '--fallback', '--duration', '0.2', '-o', copy)
  await player.waitForLine(
    /^rtmpipe: connected by rtmpt:\/\/\S+ \(rtmp: no answer .*, rtmpts: (self-signed certificate|no answer in \d+ ms)\)$/,
  )
  await using publisher = wall.rtmpipe('publish', source, 'rtmp://127.0.0.1/live/relayed', '--loop')
  await player.finish(0)
  expect((await readFile(copy)).length).toBeGreaterThan(1_000)
  publisher.kill('SIGINT')
  await publisher.finish(0)
})
