import { connect } from 'rtmpipe'
import { expect, test } from 'vitest'
import { makeMedia, tinyRecipe } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { RunningProgram } from '../support/running-program.ts'
import { ServerProcess } from '../support/server-process.ts'
import { words } from '../support/words.ts'

/** An FFmpeg that publishes until it is ended, or for one second of media. */
async function publish(url: string, isEndless: boolean): Promise<RunningProgram> {
  const { file } = await makeMedia(tinyRecipe)
  const loops = isEndless ? -1 : 0
  const args = words`-nostdin -v error -re -stream_loop ${loops} -i ${file} -c copy -f flv ${url}`
  return new RunningProgram({ name: 'ffmpeg', file: 'ffmpeg', args, limit: 60_000 })
}

test.concurrent('an encoder whose line is cut gets its name back after 5 s, and its players see what it publishes then', async context => {
  await requireClient(context, 'ffmpeg')
  await using server = await ServerProcess.start()
  const url = `${server.urls.rtmp}/live/name`
  await using first = await publish(url, true)
  await using client = await connect(`${server.urls.rtmp}/live`)
  const player = await client.play('name', { follow: true })
  await new Promise(resolve => player.once('data', resolve))
  const told: string[] = []
  player.on('status', ({ code }: { code: string }) => void told.push(code))
  // Its connection stays open, and nothing comes any more.
  first.kill('SIGSTOP')
  const cut = performance.now()
  await context.expect
    .poll(
      async () => {
        await using second = await publish(url, false)
        return await second.finish().then(
          () => 'published',
          () => 'refused',
        )
      },
      { interval: 200, timeout: 20_000 },
    )
    .toBe('published')
  const waited = performance.now() - cut
  expect(waited).toBeGreaterThan(4_500)
  // A busy machine takes its time to start the second one.
  expect(waited).toBeLessThan(15_000)
  await server.program.waitForLine(/another publisher has taken over/)
  first.kill('SIGCONT')
  await expect(first.finish()).rejects.toThrow('ffmpeg ended with exit code')
  // For them there was one publish, which ends when the second encoder does.
  expect(told).not.toContain('NetStream.Play.PublishNotify')
})

test.concurrent('an encoder over RTMPT that has died frees its name after 3 s', async context => {
  await requireClient(context, 'ffmpeg')
  await using server = await ServerProcess.start()
  await using first = await publish(`${server.urls.rtmpt}/live/name`, true)
  await using client = await connect(`${server.urls.rtmp}/live`)
  const player = await client.play('name', { follow: true })
  await new Promise(resolve => player.once('data', resolve))
  first.kill('SIGKILL')
  await first.exited
  const died = performance.now()
  for (;;) {
    await using second = await connect(`${server.urls.rtmp}/live`)
    const isTaken = await second.publish('name').then(
      () => false,
      () => true,
    )
    if (!isTaken) break
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  const waited = performance.now() - died
  expect(waited).toBeGreaterThan(2_500)
  expect(waited).toBeLessThan(12_000)
})
