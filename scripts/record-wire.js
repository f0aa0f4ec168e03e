// Records what real clients and a server say to each other, for test/fixtures/wire:
//   node scripts/record-wire.js RTMPLOAD [NAME]
// RTMPLOAD is the program built from shared/tools/rtmpload, whose floor-server is recorded; NAME records one session only.
// Needs the clients of wire/sessions.js, and tshark, which tells for the manifest what each file contains.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { dissect } from './wire/dissect.js'
import { pcap } from './wire/pcap.js'
import { RecordingProxy } from './wire/recording-proxy.js'
import { ffmpeg2018, sessions, versions } from './wire/sessions.js'

const [rtmpload, only] = process.argv.slice(2)
if (rtmpload === undefined) throw new Error('usage: node scripts/record-wire.js RTMPLOAD [NAME]')
const fixtures = fileURLToPath(new URL('../test/fixtures/wire', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'record-wire-'))
mkdirSync(fixtures, { recursive: true })
try {
  const media = makeMedia()
  const files = []
  for (const session of sessions) {
    if (only !== undefined && session.name !== only) continue
    const recorded = await record(session, media)
    files.push(...describe(session, recorded))
    console.log(
      `${session.name}: ${recorded.bytes('client').length} bytes sent, ${recorded.bytes('server').length} received`,
    )
  }
  writeManifest(files)
} finally {
  rmSync(folder, { recursive: true })
}

function makeMedia() {
  const file = join(folder, 'media.flv')
  const input = '-f lavfi -i testsrc2=size=96x54:rate=30 -f lavfi -i sine=sample_rate=44100 -t 1 -pix_fmt yuv420p'
  const video = '-c:v libx264 -preset veryfast -threads 1 -crf 26 -bf 2 -g 15 -keyint_min 15 -sc_threshold 0'
  const audio = '-c:a aac -b:a 64k -ac 1'
  const args = `-v error ${input} ${video} ${audio} -flags +bitexact -fflags +bitexact ${file}`
  execFileSync(ffmpeg2018, args.split(' '))
  return file
}

async function record(session, media) {
  const ports = { rtmp: await freePort(), rtmpt: await freePort() }
  const chunk = String(session.serverChunkSize ?? 60_000)
  const options = ['--port', ports.rtmp, '--rtmpt-port', ports.rtmpt, '--chunk', chunk].map(String)
  const server = spawn(rtmpload, ['floor-server', ...options], { stdio: ['ignore', 'ignore', 'pipe'] })
  await once(server.stderr, 'data')
  try {
    const proxy = await RecordingProxy.listen(ports[session.transport], session.transport === 'rtmpt' ? 20 : 0)
    const [file, ...args] = session.command(media, `${session.transport}://127.0.0.1:${proxy.port}/live/recorded`)
    const client = spawn(file, args, { stdio: 'ignore', timeout: 20_000 })
    const ended = once(client, 'close')
    if (session.role === 'play') {
      while (!proxy.bytes('client').includes('\x02\x00\x04play')) await delay(10)
      const publish = `-v error -re -i ${media} -c copy -f flv rtmp://127.0.0.1:${ports.rtmp}/live/recorded`
      await once(spawn('ffmpeg', publish.split(' '), { stdio: ['ignore', 'inherit', 'inherit'] }), 'close')
      // Some players end with the stream, others only with the connection.
      await Promise.race([ended, delay(1000)])
      server.kill()
    }
    await ended
    await proxy.finished()
    return proxy
  } finally {
    server.kill()
  }
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

function describe({ name, client, role, transport, note }, recorded) {
  const capture = join(folder, `${name}.pcap`)
  writeFileSync(capture, pcap(recorded.segments, transport === 'rtmp' ? 1935 : 80))
  const messages = dissect(capture)
  return ['client', 'server'].map(from => {
    const file = `${name}.${from}.bin`
    writeFileSync(join(fixtures, file), recorded.bytes(from))
    const sent = messages.filter(message => message.from === from)
    return {
      file,
      sentBy: from,
      client,
      version: version(client),
      role,
      transport,
      note,
      counts: counts(sent),
      commands: sent.flatMap(({ command }) => (command === undefined ? [] : [command])),
      messages: sent.map(message => [message.typeId, message.messageStreamId, message.timestamp, message.length]),
    }
  })
}

function counts(messages) {
  const types = [...new Set(messages.map(({ typeId }) => typeId))].sort((a, b) => a - b)
  return Object.fromEntries(types.map(type => [type, messages.filter(({ typeId }) => typeId === type).length]))
}

function version(client) {
  const [[file, ...args], pattern] = versions[client]
  const { stdout, stderr } = spawnSync(file, args)
  return pattern.exec(`${stdout}${stderr}`)?.[0]
}

function writeManifest(files) {
  const path = join(fixtures, 'manifest.json')
  const names = new Set(files.map(({ file }) => file))
  const kept = only === undefined ? [] : JSON.parse(readFileSync(path, 'utf8')).files
  const all = [...kept.filter(({ file }) => !names.has(file)), ...files]
  const entries = all.map(entry => {
    const given = Object.entries(entry).filter(([, value]) => value !== undefined)
    const fields = given.map(([key, value]) => `      ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    return `    {\n${fields.join(',\n')}\n    }`
  })
  writeFileSync(path, `{\n  "files": [\n${entries.join(',\n')}\n  ]\n}\n`)
}
