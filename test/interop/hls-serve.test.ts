import { beforeAll, expect, test, type TestContext, vi } from 'vitest'
import { type Media, makeMedia } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { run, RunningProgram } from '../support/running-program.ts'
import { ServerProcess } from '../support/server-process.ts'
import { words } from '../support/words.ts'

/** FFmpeg reads the beginning of fMP4 again after each reload of a live playlist, whoever made it. */
const known = /Found duplicated MOOV Atom. Skipped it|Last message repeated/

let media: Media
beforeAll(async () => {
  media = await makeMedia({ seconds: 4, size: '320x180', gop: 30, bFrames: 2, noise: true })
})

function publish(url: string, { onTestFinished }: TestContext): RunningProgram {
  const args = words`-nostdin -v error -re -i ${media.file} -c copy -f flv ${url}`
  const program = new RunningProgram({ name: 'ffmpeg', file: 'ffmpeg', args, limit: 60_000 })
  onTestFinished(() => program[Symbol.asyncDispose]())
  return program
}

/** Packets of pictures that FFmpeg reads, and what it complains of. */
async function read(url: string): Promise<{ pictures: number; complaints: string[] }> {
  const args = words`-nostdin -v warning -i ${url} -c copy -map 0:v -map 0:a -f framehash -hash md5 pipe:1`
  const { stdout, stderr } = await run('ffmpeg', args, { limit: 60_000 })
  const complaints = stderr.filter(line => line.trim() !== '' && !known.test(line))
  return { pictures: stdout.filter(line => line.startsWith('0,')).length, complaints }
}

test.concurrent.for([
  ['one port', true, []],
  ['its own ports, two workers', false, ['--workers', '2']],
  ['one port, two workers', true, ['--workers', '2']],
] as const)(
  'rtmpipe serve --hls at %s is read by ffmpeg, live and after the end',
  async ([, onePort, more], context) => {
    await requireClient(context, 'ffmpeg', 'ffmpeg-2018')
    const server = await ServerProcess.start({ onePort, args: ['--hls', ...more] })
    context.onTestFinished(() => server[Symbol.asyncDispose]())
    const http = server.urls.rtmpt.replace('rtmpt:', 'http:')
    // With workers, at both of them.
    const names = more.length === 0 ? ['one'] : ['one', 'two', 'three', 'four']
    const publishers = names.map(name => publish(`${server.urls.rtmp}/live/${name}`, context))
    const indexes = names.map(name => `${http}/live/${name}/index.m3u8`)
    const ready = indexes.map(index =>
      vi.waitFor(async () => expect((await fetch(index)).status).toBe(200), { timeout: 20_000, interval: 200 }),
    )
    await Promise.all(ready)
    const live = await Promise.all(indexes.map(read))
    await Promise.all(publishers.map(({ exited }) => exited))
    const late = await Promise.all(indexes.map(read))
    for (const { pictures, complaints } of [...live, ...late]) {
      expect(complaints).toEqual([])
      expect(pictures).toBeGreaterThan(60)
    }
    expect((await fetch(`${http}/live/nobody/index.m3u8`)).status).toBe(404)
    await server.stop()
  },
)
