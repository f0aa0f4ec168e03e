import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { natsFabric, type NatsFabricOptions } from '@rtmpipe/cluster-nats'
import { nkeys } from '@nats-io/transport-node'
import { sampleStream } from '@rtmpipe/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readAll, TestJoin } from '../../packages/cluster/src/testing/test-join.ts'
import { TestPublish } from '../../packages/cluster/src/testing/test-publish.ts'
import { freePort } from '../support/free-port.ts'
import { NatsServer, requireNats } from '../support/nats-server.ts'
import { run } from '../support/running-program.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

/** Configurations as docs/nats has them, with other places, ports and keys. */
const docs = new URL('../../docs/nats/', import.meta.url)
const key = { app: 'live', streamName: 'stream' }
const secret = 'the secret of this test only'

let folder: TemporaryFolder
/** Ended in the other order. */
let opened: AsyncDisposable[]

beforeEach(async () => {
  folder = await TemporaryFolder.create()
  opened = []
})

afterEach(async () => {
  for (const each of opened.toReversed()) await each[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

test('three servers with TLS, users for nodes, players and leafs, a leaf, and another region', {
  timeout: 60_000,
}, async context => {
  requireNats(context, 3)
  await makeCertificate()
  const [node, players, leafUser] = [nkeys.createUser(), nkeys.createUser(), nkeys.createUser()]
  const [ports, routes, leafs, gateways] = [
    await freePorts(3),
    await freePorts(3),
    await freePorts(3),
    await freePorts(4),
  ]
  await writeConfig('permissions.conf', 'permissions.conf', [
    [/\bU?A{20,}\b/, node.getPublicKey()],
    [/\bU?B{20,}\b/, players.getPublicKey()],
    [/\bU?C{20,}\b/, leafUser.getPublicKey()],
  ])
  await writeFile(folder.file('node.seed'), node.getSeed())
  await writeFile(folder.file('players.seed'), players.getSeed())
  const servers = await Promise.all(
    ports.map((port, index) =>
      server(context, port, 'server.conf', `nats-${index + 1}.conf`, [
        [/server_name: nats-1/, `server_name: nats-${index + 1}`],
        [/http: .*/, ''],
        [/listen: 0\.0\.0\.0:6222/, `listen: 127.0.0.1:${routes[index]}`],
        [/listen: 0\.0\.0\.0:7222/, `listen: 127.0.0.1:${gateways[index]}`],
        [/listen: 0\.0\.0\.0:7422/, `listen: 127.0.0.1:${leafs[index]}`],
        [/nats-1:6222/, `127.0.0.1:${routes[0]}`],
        [/nats-2:6222/, `127.0.0.1:${routes[1]}`],
        [/nats-3:6222/, `127.0.0.1:${routes[2]}`],
        [/\/etc\/nats\/nats-1\./g, folder.file('nats.')],
        [/\/etc\/nats\/ca\.crt/g, folder.file('ca.crt')],
        [/\/var\/lib\/nats/, folder.file(`data-${index + 1}`)],
      ]),
    ),
  )
  await Promise.all(servers.map(each => each.start()))
  for (const each of servers) while ((await each.known()) < 3) await new Promise(resolve => setTimeout(resolve, 20))

  const common = { servers: ports.map(port => `tls://127.0.0.1:${port}`), secret, tls: { ca: folder.file('ca.crt') } }
  const origin = open({ ...common, credentials: folder.file('node.seed') })
  const edge = open({ ...common, credentials: folder.file('node.seed') })
  const viewers = open({ ...common, credentials: folder.file('players.seed') })
  await origin.ready
  await edge.ready
  const leaf = await server(context, await freePort(), 'leaf.conf', 'leaf.conf', [
    [/tls:\/\/nats-1:7422/, `tls://127.0.0.1:${leafs[0]}`],
    [/tls:\/\/nats-2:7422/, `tls://127.0.0.1:${leafs[1]}`],
    [/tls:\/\/nats-3:7422/, `tls://127.0.0.1:${leafs[2]}`],
    [/\$LEAF_SEED/, Buffer.from(leafUser.getSeed()).toString()],
    [/\/etc\/nats\/ca\.crt/, folder.file('ca.crt')],
  ])

  await leaf.start()
  const behindLeaf = open({ servers: leaf.url, secret })
  await behindLeaf.ready
  const far = await server(context, await freePort(), 'gateway.conf', 'gateway.conf', [
    [/listen: 0\.0\.0\.0:7222/, `listen: 127.0.0.1:${gateways[3]}`],
    [/nats-1:7222/, `127.0.0.1:${gateways[0]}`],
    [/nats-2:7222/, `127.0.0.1:${gateways[1]}`],
    [/nats-3:7222/, `127.0.0.1:${gateways[2]}`],
    [/us-1:7222/, `127.0.0.1:${gateways[3]}`],
    [/\/etc\/nats\/us-1\./g, folder.file('nats.')],
    [/\/etc\/nats\/ca\.crt/g, folder.file('ca.crt')],
  ])

  await far.start()
  const overseas = open({ ...common, servers: `tls://127.0.0.1:${far.port}`, credentials: folder.file('node.seed') })
  await overseas.ready

  const joins = [edge, viewers, behindLeaf, overseas].map(fabric => new TestJoin(fabric, key))
  const publish = await TestPublish.start(origin, key)
  expect(await edge.claim(key)).toBeUndefined()
  await viewers.ready
  const other = await overseas.claim({ app: 'live', streamName: 'other' })
  expect(other?.epoch).toBeGreaterThan(publish.claim.epoch)
  await other?.release()
  await expect(viewers.claim(key)).rejects.toThrow('may not claim names')
  const joined = await Promise.all(joins.map(join => join.next()))
  publish.write(...sampleStream(100))
  await publish.end()
  for (const { messages } of joined) expect(await readAll(messages)).toHaveLength(sampleStream(100).length)
  const others = (await violations()).filter(line => !line.includes(players.getPublicKey()))
  expect(others).toEqual([])
})

function open(options: NatsFabricOptions) {
  return own(natsFabric(options))
}

function own<T extends AsyncDisposable>(one: T): T {
  opened.push(one)
  return one
}

type Replacement = readonly [pattern: RegExp, by: string]

async function server(
  context: Parameters<typeof requireNats>[0],
  port: number,
  config: string,
  as: string,
  replacements: readonly Replacement[],
): Promise<NatsServer> {
  await writeConfig(config, as, [[/listen: [\d.]+:4222/, `listen: 127.0.0.1:${port}`], ...replacements])
  return own(new NatsServer(requireNats(context, 3), port, folder.file(as), 60_000))
}

/** What somebody was not let do. */
async function violations(): Promise<string[]> {
  const log = await readFile(folder.file('log'), 'utf8')
  return log.split('\n').filter(line => /Violation/i.test(line))
}

/** A pattern that is not there means that the document has changed. */
async function writeConfig(from: string, to: string, replacements: readonly Replacement[]): Promise<void> {
  let text = await readFile(new URL(from, docs), 'utf8')
  for (const [pattern, by] of replacements) {
    if (text.search(pattern) === -1) throw new Error(`docs/nats/${from} has no ${pattern}`)
    text = text.replace(pattern, by)
  }
  await writeFile(folder.file(to), `${text}\nlog_file: "${folder.file('log')}"\n`)
}

/** One for all servers, who prove themselves to each other with it too. */
async function makeCertificate(): Promise<void> {
  const openssl = async (line: string): Promise<unknown> => run('openssl', line.split(' '))
  await mkdir(folder.path, { recursive: true })
  await writeFile(
    folder.file('ext'),
    'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n',
  )
  const [ca, cert] = [folder.file('ca'), folder.file('nats')]
  const ec = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  await openssl(`req -x509 ${ec} -days 2 -subj /CN=ca -keyout ${ca}.key -out ${ca}.crt`)
  await openssl(`req ${ec} -subj /CN=nats -keyout ${cert}.key -out ${cert}.csr`)
  await openssl(
    `x509 -req -days 2 -in ${cert}.csr -CA ${ca}.crt -CAkey ${ca}.key -extfile ${folder.file('ext')} -out ${cert}.crt`,
  )
}

async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) ports.push(await freePort())
  return ports
}
