// This example shows how to make one set of streams of several servers, as on several machines: who plays at one of them
// gets what is published at another. It starts a nats-server (NATS_SERVER, or the one on the PATH) and two servers,
// publishes at the first, and prints what comes out at the second.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cluster } from '@rtmpipe/cluster'
import { natsFabric } from '@rtmpipe/cluster-nats'
import { connect, createServer, MessageType, tcp } from 'rtmpipe'

const { NATS_SERVER = 'nats-server', NATS_PORT = '4222', PORT = '1935', PORT_2 = '1936' } = process.env

// 1. The nats-server. Its JetStream keeps who publishes which name. For use on several machines see docs/cluster.md.
const folder = await mkdtemp(join(tmpdir(), 'rtmpipe-nats-'))
const nats = spawn(NATS_SERVER, ['-a', '127.0.0.1', '-p', NATS_PORT, '-js', '-sd', folder], { stdio: 'ignore' })
try {
  await once(nats, 'spawn')
} catch {
  console.error(`${NATS_SERVER} can not be started: install nats-server, or give its path in NATS_SERVER`)
  await rm(folder, { recursive: true })
  process.exit(1)
}

// 2. Two servers, which wait for it.
async function start(port: string) {
  const fabric = natsFabric({ servers: `nats://127.0.0.1:${NATS_PORT}` })
  const server = createServer({ transports: [tcp({ port: Number(port) })] }).use(cluster(fabric))
  const [listener] = await server.listen()
  await fabric.ready
  return { server, port: listener?.address.port }
}
const [first, second] = [await start(PORT), await start(PORT_2)]

// 3. A stream that crosses from one to the other.
const viewer = await connect(`rtmp://127.0.0.1:${second.port}/live`)
const encoder = await connect(`rtmp://127.0.0.1:${first.port}/live`)
const player = await viewer.play('show', { follow: true })
const publisher = await encoder.publish('show')
// What configures a decoder of AAC: who comes late gets it as well.
const header = {
  messageTypeId: MessageType.Audio,
  messageStreamId: 0,
  timestamp: 0,
  payload: Buffer.from('af001210', 'hex'),
}
publisher.write(header)
const [{ payload }] = await once(player, 'data')
console.log(`published at port ${first.port}, played at port ${second.port}: ${payload.toString('hex')}`)
publisher.end()
await Promise.all([encoder.close(), viewer.close()])
console.log(`ready on ports ${first.port} ${second.port}`)

async function end(): Promise<void> {
  await Promise.all([first.server.close(), second.server.close()])
  nats.kill()
  await once(nats, 'exit')
  await rm(folder, { recursive: true })
}
process.once('SIGTERM', () => void end())
