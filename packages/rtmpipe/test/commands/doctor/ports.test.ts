import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ServerProcess } from '../../../../../test/support/server-process.ts'
import { portFindings } from '../../../src/commands/doctor/ports.ts'
import { freePort } from '../../support/command.ts'
import { config } from './config.ts'

describe('ports', () => {
  it('are free, or off, or not chosen yet', async () => {
    const port = await freePort()
    expect(await portFindings(config({ rtmp: port, rtmps: 0 }))).toEqual([
      { check: 'port', level: 'fine', text: `rtmp ${port} is free on 127.0.0.1` },
    ])
  })

  it.runIf(process.platform === 'linux')('are in use, by whom', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const [finding] = await portFindings(config({ rtmp: port }))
    expect(finding).toMatchObject({
      level: 'problem',
      text: expect.stringMatching(new RegExp(`^rtmp ${port} is in use by .+, process ${process.pid}$`)),
      advice: 'end it, or choose another port with --rtmp PORT',
    })
  })

  it.runIf(process.platform === 'linux')('are in use by the server that is being looked at', async () => {
    await using server = await ServerProcess.start()
    const port = Number(new URL(server.urls.rtmp).port)
    expect(await portFindings(config({ rtmp: port }))).toEqual([
      { check: 'port', level: 'fine', text: `rtmp ${port} is in use by rtmpipe serve, process ${server.pid}` },
    ])
  })

  it.runIf(process.platform === 'linux')('are those of UDP for RTMFP, which RTMP may have too', async () => {
    const port = await freePort()
    const both = config({ rtmp: port, rtmfp: port })
    expect(await portFindings(both)).toEqual([
      { check: 'port', level: 'fine', text: `rtmp ${port} is free on 127.0.0.1` },
      { check: 'port', level: 'fine', text: `rtmfp ${port} is free on 127.0.0.1` },
    ])
    const socket = createSocket('udp4')
    onTestFinished(() => void socket.close())
    socket.bind(port, '127.0.0.1')
    await once(socket, 'listening')
    expect(await portFindings(both)).toMatchObject([
      { level: 'fine', text: `rtmp ${port} is free on 127.0.0.1` },
      {
        level: 'problem',
        text: expect.stringMatching(new RegExp(`^rtmfp ${port} is in use by .+, process ${process.pid}$`)),
        advice: 'end it, or choose another port with --rtmfp PORT',
      },
    ])
  })

  it('can not be one', async () => {
    const port = await freePort()
    const findings = await portFindings(config({ rtmp: port, rtmpt: port }))
    expect(findings.map(({ level, text }) => ({ level, text }))).toEqual([
      { level: 'problem', text: `rtmp and rtmpt both have ${port}` },
      { level: 'problem', text: `rtmpt and rtmp both have ${port}` },
    ])
  })

  it('need an address that the machine has', async () => {
    const [finding] = await portFindings(config({ host: '192.0.2.1', rtmp: 1935 }))
    expect(finding).toMatchObject({ level: 'problem', text: 'rtmp: this machine has no address 192.0.2.1' })
  })
})
