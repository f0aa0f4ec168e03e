import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RunningProgram } from '../../../../../test/support/running-program.ts'
import { command } from '../../../../../test/support/server-process.ts'
import { clusterFindings } from '../../../src/commands/doctor/cluster.ts'
import { freePort } from '../../support/command.ts'
import { config } from './config.ts'

/** Has Node look for `@rtmpipe/cluster-nats` where it is not, and say so as it does to users. */
const withoutPackage = `--import data:text/javascript,${encodeURIComponent(`
import { register } from 'node:module'
register('data:text/javascript,' + encodeURIComponent(\`
export function resolve(name, context, next) {
  return next(name, name === '@rtmpipe/cluster-nats' ? { ...context, parentURL: 'file:///' } : context)
}\`))`)}`

const missing = 'a cluster over NATS needs @rtmpipe/cluster-nats, which is not installed'
const install = 'npm install rtmpipe @rtmpipe/cluster-nats'

function withoutIt(...args: readonly string[]): RunningProgram {
  return new RunningProgram({ file: process.execPath, args: [command, ...args], env: { NODE_OPTIONS: withoutPackage } })
}

describe('a cluster', () => {
  it('may be none', async () => expect(await clusterFindings(config())).toEqual([]))

  it('has servers, each of which is looked at', async () => {
    const server = createServer(socket => socket.end('INFO {"version":"2.12.1","max_payload":1048576}\r\n'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const closed = await freePort()
    const servers = [`nats://me:hunter2@127.0.0.1:${closed}`, `nats://me:hunter2@0.0.0.0:${port}`]
    const findings = await clusterFindings(config({ cluster: { nats: { servers, secret: 'of this test only' } } }))
    expect(findings).toEqual([
      {
        check: 'cluster',
        level: 'problem',
        text: `the NATS server at 127.0.0.1:${closed} can't be reached: ECONNREFUSED`,
        advice: expect.stringContaining('start it'),
      },
      {
        check: 'cluster',
        level: 'problem',
        text: `the NATS server at 0.0.0.0:${port} lets everybody in`,
        advice: expect.stringContaining('set up users'),
      },
    ])
    expect(JSON.stringify(findings)).not.toContain('hunter2')
  })

  it('has credentials that can be read, or a problem', async () => {
    const nats = { servers: 'nats://127.0.0.1', credentials: '/nowhere/node.creds' }
    expect(await clusterFindings(config({ cluster: { nats } }))).toMatchObject([
      { level: 'problem', text: "can't read the NATS credentials in /nowhere/node.creds: ENOENT" },
    ])
  })
})

describe('a cluster without its package', () => {
  it('is not served: one line says what to install', async () => {
    const { stdout, stderr } = await withoutIt('serve', '--cluster', 'nats://127.0.0.1').finish(2)
    expect([stdout, stderr]).toEqual([[], [`rtmpipe: ${missing}: ${install}`]])
  })

  it('is found by the doctor', async () => {
    const { stdout } = await withoutIt('doctor', '--cluster', 'nats://127.0.0.1', '--json').finish(1)
    const { findings } = JSON.parse(stdout.join('\n')) as { findings: readonly object[] }
    expect(findings).toContainEqual({ check: 'cluster', level: 'problem', text: missing, advice: install })
  })
})
