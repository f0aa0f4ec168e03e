import { readFile, stat, writeFile } from 'node:fs/promises'
import { connect as connectTls } from 'node:tls'
import { once } from 'node:events'
import { samples, take } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { schemes, type Scheme, ServerProcess, webSockets } from '../../../../test/support/server-process.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { words } from '../../../../test/support/words.ts'
import { connect, createSelfSignedCertificate } from '../../src/index.ts'
import { closed } from '../support/closed.ts'
import { rtmpipe } from '../support/command.ts'
import { statusCodes } from '../support/messages.ts'

const reconnect = 'NetConnection.Connect.ReconnectRequest'
const shutdown = 'NetConnection.Connect.AppShutdown'

describe('rtmpipe serve', () => {
  it.concurrent.each<[NodeJS.Signals, Scheme, Scheme]>([
    ['SIGTERM', 'rtmp', 'rtmpts'],
    ['SIGINT', 'rtmps', 'rtmpt'],
  ])('says where it listens, and on %s tells everybody and exits with 0', async (signal, from, to) => {
    await using server = await ServerProcess.start()
    const playing = await connect(`${server.urls[to]}/live`, { insecure: true })
    const publishing = await connect(`${server.urls[from]}/live`, { insecure: true })
    const told = [statusCodes(playing), statusCodes(publishing)]
    const player = await playing.play('name')
    const publisher = await publishing.publish('name')
    publisher.write(samples.keyframe(0))
    await take(player, 1)

    const gone = [playing.messages, publishing.messages, player.resume(), publisher].map(closed)
    const asked = performance.now()
    server.program.kill(signal)
    const { stdout, stderr } = await server.program.finish(0)
    expect(performance.now() - asked).toBeLessThan(5_000)
    await Promise.all(gone)
    for (const codes of told) expect(codes).toEqual(expect.arrayContaining([reconnect, shutdown]))

    const listening = [...schemes, ...webSockets].map(scheme => `rtmpipe listening on ${server.urls[scheme]}`)
    expect(stdout).toEqual([...listening, 'rtmpipe ready'])
    for (const url of Object.values(server.urls)) expect(url).toMatch(/^(rtmpt?|ws)s?:\/\/127\.0\.0\.1:\d+$/)
    const lines = stderr.map(line => JSON.parse(line) as { level: number; msg: string; publish?: string })
    expect(lines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['connected', 'publish started', 'play started']),
    )
    expect(lines.every(({ level }) => level === 30)).toBe(true)
    expect(lines[0]?.publish).toBe(`ffmpeg -re -i video.mp4 -c copy -f flv ${server.urls.rtmp}/live/stream`)
  })

  it.concurrent('is silent with --log-level silent, and listens where it is told to', async () => {
    await using folder = await TemporaryFolder.create()
    const { cert, key } = await createSelfSignedCertificate()
    await writeFile(folder.file('cert.pem'), cert)
    await writeFile(folder.file('key.pem'), key)
    const data = folder.file('data')
    await using program = rtmpipe(
      ...words`serve --rtmp off --rtmps 0 --rtmpt off --rtmpts off --host ::1 --log-level silent`,
      ...words`--cert ${folder.file('cert.pem')} --key ${folder.file('key.pem')} --data ${data}`,
    )
    const [, url = ''] = await program.waitForLine(/^rtmpipe listening on (rtmps:\/\/\[::1\]:\d+)$/)
    const client = await connect(`${url}/live`, { ca: cert })
    await client.play('name')
    await client.close()
    program.kill()
    const { stdout, stderr } = await program.finish(0)
    expect(stdout).toEqual([`rtmpipe listening on ${url}`, 'rtmpipe ready'])
    expect(stderr).toEqual([])
    await expect(stat(data)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it.concurrent('keeps its self-signed certificate in the data folder', async () => {
    await using folder = await TemporaryFolder.create()
    const data = folder.file('data/of mine')
    const shown: string[] = []
    for (let start = 0; start < 2; start++) {
      await using program = rtmpipe(...words`serve --rtmp off --rtmps 0 --rtmpt off --rtmpts off --data ${data}`)
      const [, port] = await program.waitForLine(/^rtmpipe listening on rtmps:\/\/127\.0\.0\.1:(\d+)$/)
      shown.push(await fingerprintAt(Number(port)))
      program.kill()
      await program.finish(0)
    }
    expect(shown[1]).toBe(shown[0])
    expect(await readFile(`${data}/tls/self-signed-certificate.pem`, 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/)
    expect((await stat(`${data}/tls/self-signed-key.pem`)).mode & 0o777).toBe(0o600)
  })
})

async function fingerprintAt(port: number): Promise<string> {
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}
