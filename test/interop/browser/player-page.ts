import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { FlvDemuxer, type MediaMessage, TagType } from '@rtmpipe/flv'
import { webSocket } from '@rtmpipe/transport-websocket'
import { connect, createServer, type Listener, type Plugin, type Server, tcp } from 'rtmpipe'
import { expect, onTestFinished } from 'vitest'
import type { Page } from 'playwright-core'
import { ffmpeg2018 } from '../../support/programs.ts'
import { RunningProgram } from '../../support/running-program.ts'
import { words } from '../../support/words.ts'
import { openWebPage, servePage } from './web-page.ts'

export interface Served {
  readonly server: Server
  readonly rtmp: string
  readonly ws: string
}

/** A real server over TCP and WebSockets, which ends with the test. */
export async function serve(
  plugins: readonly Plugin[] = [],
  ports: readonly [number, number] = [0, 0],
): Promise<Served> {
  const [tcpPort, wsPort] = ports
  const transports = [tcp({ port: tcpPort }), webSocket({ port: wsPort, origins: '*' })]
  const server = createServer({ transports, plugins })
  onTestFinished(() => server.close())
  const [rtmp, ws] = (await server.listen()) as [Listener, Listener]
  return {
    server,
    rtmp: `rtmp://127.0.0.1:${rtmp.address.port}/live`,
    ws: `ws://127.0.0.1:${ws.address.port}/live`,
  }
}

/** Red pictures with B-frames and a tone, by a real encoder. */
export function publishRed(url: string, size = '320x180'): RunningProgram {
  const picture = `color=c=red:size=${size}:rate=25`
  const input = words`-re -f lavfi -i ${picture} -f lavfi -i sine=frequency=440:sample_rate=44100`
  const codecs = words`-c:v libx264 -preset ultrafast -bf 2 -g 50 -pix_fmt yuv420p -c:a aac -b:a 64k`
  const args = words`-nostdin -v error -nostats ${input} ${codecs} -f flv ${url}`
  const program = new RunningProgram({ name: 'ffmpeg', file: ffmpeg2018(), args })
  onTestFinished(() => program[Symbol.asyncDispose]())
  return program
}

/** Messages of a recorded file. */
async function messagesOf(name: string): Promise<MediaMessage[]> {
  const file = await readFile(new URL(`../../../packages/flv/test/fixtures/${name}.flv`, import.meta.url))
  const messages: MediaMessage[] = []
  new FlvDemuxer().push(file, message => void messages.push(message))
  return messages
}

/** Publishes a recorded file again and again, at its own speed. @param sound a file whose sound is heard instead */
export async function publishFile(url: string, name: string, sound: string = name): Promise<void> {
  const isSound = ({ messageTypeId }: MediaMessage): boolean => messageTypeId === TagType.Audio
  const pictures = (await messagesOf(name)).filter(message => !isSound(message))
  const messages = [...pictures, ...(await messagesOf(sound)).filter(isSound)]
  messages.sort((one, other) => one.timestamp - other.timestamp)
  const length = Math.max(...messages.map(({ timestamp }) => timestamp)) + 40
  const client = await connect(url)
  const stream = await client.publish('show')
  let isOver = false
  const play = async (): Promise<void> => {
    for (let [round, began] = [0, performance.now()]; !isOver; round += 1) {
      for (const message of messages) {
        const timestamp = message.timestamp + round * length
        if (timestamp > performance.now() - began) await wait(timestamp - (performance.now() - began))
        if (isOver) return
        stream.write({ ...message, timestamp })
      }
    }
  }
  const playing = play()
  onTestFinished(async () => {
    isOver = true
    await playing
    await client.close()
  })
}

/** Notes what a player tells, and what comes to the loudspeaker. */
export const listener = `{
  const connect = AudioNode.prototype.connect
  AudioNode.prototype.connect = function (to, ...more) {
    if (to instanceof AudioDestinationNode) connect.call(this, globalThis.analyser = new AnalyserNode(this.context))
    return connect.call(this, to, ...more)
  }
  globalThis.loudness = () => {
    const samples = new Float32Array(2048)
    globalThis.analyser?.getFloatTimeDomainData(samples)
    return Math.max(...samples)
  }
  globalThis.pixel = () => {
    const canvas = (document.querySelector('rtmpipe-player')?.shadowRoot ?? document).querySelector('canvas')
    return [...canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data]
  }
}`

export const playerPage = `<!doctype html><canvas></canvas><script src="/listener.js"></script><script type="module">
  import { Player, connect } from '/rtmpipe/rtmpipe.js'
  globalThis.connect = connect
  globalThis.told = []
  globalThis.make = options => {
    globalThis.player = new Player(document.querySelector('canvas'), options)
    for (const name of ['playing', 'waiting', 'unsupported', 'error', 'end', 'reconnect'])
      player.on(name, (...values) => told.push([name, ...values.map(String)].join(' ')))
  }
</script>`

export async function openPlayer(
  ...[context, headers]: [Parameters<typeof openWebPage>[0], Record<string, string>?]
): Promise<{ page: Page; complaints: readonly string[]; told: () => Promise<string[]> }> {
  const { page, complaints } = await openWebPage(
    context,
    await servePage(playerPage, { '/listener.js': listener }, headers),
  )
  await page.waitForFunction('globalThis.make')
  return { page, complaints, told: () => page.evaluate<string[]>('told') }
}

/** A busy machine takes its time. */
export const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 12_000 })

export const isRed = ([red = 0, green = 0, blue = 0]: number[]): boolean => red > 200 && green < 60 && blue < 60
