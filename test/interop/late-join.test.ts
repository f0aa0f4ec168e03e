import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type RtmpMessage } from 'rtmpipe'
import { makeMedia, tinyRecipe } from '../support/media.ts'
import { startNginxRtmp } from '../support/nginx-rtmp.ts'
import { ffmpeg2018, requireClient } from '../support/programs.ts'
import { run, RunningProgram } from '../support/running-program.ts'
import { command, ServerProcess } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { words } from '../support/words.ts'

const players = [
  ['ffmpeg', () => 'ffmpeg'],
  ['ffmpeg-2018', ffmpeg2018],
] as const

let folder: TemporaryFolder
let server: ServerProcess
beforeAll(async () => {
  folder = await TemporaryFolder.create()
  server = await ServerProcess.start()
})
afterAll(async () => {
  await server?.stop()
  await folder?.[Symbol.asyncDispose]()
})

/** An endless stream whose timestamps begin at `from` seconds; resolves when more than a second of it has been sent. */
async function publishForEver(url: string, from = 0): Promise<RunningProgram> {
  const { file } = await makeMedia(tinyRecipe)
  const args = words`-nostdin -v error -re -stream_loop -1 -i ${file} -c copy -output_ts_offset ${from} -f flv ${url}`
  const publisher = new RunningProgram({ name: 'ffmpeg', file: 'ffmpeg', args, limit: 60_000 })
  await using client = await connect(url.slice(0, url.lastIndexOf('/')))
  const stream = await client.play(url.slice(url.lastIndexOf('/') + 1))
  for await (const { timestamp } of stream as AsyncIterable<RtmpMessage>) if (timestamp > 1_000 * from + 1_000) break
  return publisher
}

async function streamsOf(file: string): Promise<string[]> {
  const { stdout } = await run('ffprobe', words`-v error -show_entries stream=codec_type -of csv=p=0 ${file}`)
  // Those of HLS are named again with their program.
  return [...new Set(stdout.map(line => line.trim()))].toSorted()
}

describe.concurrent.each(players)('%s that comes late', (name, binary) => {
  test.for([
    ['-map 0', 'mp4'],
    ['-map 0', 'm3u8'],
    ['', 'm3u8'],
  ] as const)('finds no other tracks than are sent: %s to %s', async ([map, type], context) => {
    await requireClient(context, 'ffmpeg', 'ffprobe', name)
    const stream = `${name}${map.length}`
    const url = `${server.urls.rtmp}/live/${stream}${type}`
    await using _ = await publishForEver(url)
    const file = folder.file(`${stream}.${type}`)
    await run(binary(), words`-nostdin -v error -y -i ${url} -t 1 ${map === '' ? [] : map.split(' ')} -c copy ${file}`)
    expect(await streamsOf(file)).toEqual(['audio', 'video'])
  })
})

describe.concurrent('rtmpipe play --duration', () => {
  test('counts from the first picture, whatever time headers have: nginx-rtmp sends them at 0', async context => {
    await requireClient(context, 'ffmpeg', 'ffprobe')
    await using nginx = await startNginxRtmp(context)
    const url = `${nginx.url}/live/late`
    await using _ = await publishForEver(url, 1_886)
    const file = folder.file('late.flv')
    const { stderr } = await run(process.execPath, words`${command} play ${url} --duration 2 -o ${file}`)
    expect(stderr.join('\n')).toMatch(/00:00:0[12] of media/)
    const { stdout } = await run('ffprobe', words`-v error -show_entries packet=pts_time -of csv=p=0 ${file}`)
    const times = stdout.map(Number.parseFloat)
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(1.5)
  })
})
