import { sampleStream } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { words } from '../../../../test/support/words.ts'
import { connect } from '../../src/index.ts'
import { writeFlv } from '../support/flv.ts'
import { AllSchemes } from '../support/all-schemes.ts'
import { onTerminal, readable, requireTerminal } from '../support/terminal.ts'
import { Watch } from '../support/watch.ts'

describe.concurrent('on a terminal', () => {
  it('serve says how to publish and play, and logs for people', async context => {
    await requireTerminal(context)
    await using data = await TemporaryFolder.create()
    await using program = onTerminal(
      ...words`serve --rtmp 0 --rtmps off --rtmpt 0 --rtmpts off --web --data ${data.path}`,
    )
    const [, pid] = await program.waitForLine(/^pid (\d+)/)
    const [, url = ''] = await program.waitForLine(/^rtmpipe listening on (rtmp:\S+)/)
    await program.waitForLine(/Stop with Ctrl\+C/)
    const client = await connect(`${url}/live`)
    const stream = await client.publish('name')
    for (const message of sampleStream(5)) stream.write(message)
    await program.waitForLine(/publish started/)
    await client.close()
    await program.waitForLine(/disconnected/)
    process.kill(Number(pid), 'SIGINT')
    const { stdout } = await program.finish(0)

    const text = readable(stdout)
    expect(text).toContain(`ffmpeg -re -i video.mp4 -c copy -f flv ${url}/live/stream\n`)
    expect(text).toMatch(/OBS +Settings > Stream > Service: Custom\n/)
    expect(text).toMatch(new RegExp(` Server: ${url}/live +Stream Key: stream\n`))
    expect(text).toContain(`ffplay ${url}/live/stream\n`)
    expect(text).toContain(`npx rtmpipe play ${url}/live/stream\n`)
    expect(text).toMatch(/^ {2}Watch in a browser +http:\/\/127\.0\.0\.1:\d+\/$/m)
    expect(text).toMatch(/^ {2}Publish from there +http:\/\/127\.0\.0\.1:\d+\/publish$/m)
    expect(text).toMatch(/^ {2}Dashboard +http:\/\/127\.0\.0\.1:\d+\/admin$/m)
    expect(text).toMatch(/^ {2}Admin token +[\w-]{32}$/m)
    const time = '^\\[\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\] INFO: '
    const here = 'from 127\\.0\\.0\\.1 rtmp'
    const lines = [
      `publish started live/name 640x360 H\\.264 \\+ AAC 44\\.1 kHz ${here}`,
      `publish ended live/name after \\d+\\.\\d s \\d+\\.\\d kB ${here}: the client has left`,
      `disconnected after \\d+\\.\\d s \\d+\\.\\d kB in \\d+\\.\\d kB out ${here}: the client has left`,
    ]
    for (const line of lines) expect(text).toMatch(new RegExp(`${time}${line}$`, 'm'))
    expect(text).not.toMatch(/^\{/m)
  })

  it('publish draws a bar, play what has passed', async context => {
    await requireTerminal(context)
    const watch = new Watch()
    await using server = await AllSchemes.listen({ plugins: [watch] })
    await using folder = await TemporaryFolder.create()
    const file = folder.file('source.flv')
    await writeFlv(file, sampleStream(35, 5))
    const url = `${server.urls.rtmp}/name`
    const played = watch.played('name')
    await using player = onTerminal('play', url)
    await played
    await using publisher = onTerminal('publish', file, url)
    const [sent, received] = await Promise.all([publisher.finish(0), player.finish(0)])

    const bars = /^publishing (█*)░* (\d+)% \| (\d\d:\d\d:\d\d) \| \d+\.\d MB \| ETA \d+s$/gm
    const frames = [...readable(sent.stdout).matchAll(bars)]
    const percentages = frames.map(frame => Number(frame[2]))
    expect(percentages).toEqual(percentages.toSorted((one, other) => one - other))
    expect([percentages[0], percentages.at(-1)]).toEqual([0, 100])
    expect(percentages.some(percentage => percentage > 0 && percentage < 100)).toBe(true)
    expect([frames[0]?.[1]?.length, frames.at(-1)?.[1]?.length]).toEqual([0, 28])
    expect(frames.at(-1)?.[3]).toBe('00:00:01')
    for (const [frame] of frames) expect(frame.length).toBeLessThan(80)
    expect(readable(received.stdout)).toMatch(/playing \| 00:00:01 \| 0\.\d MB/)
  })

  it('what fails is still one line', async context => {
    await requireTerminal(context)
    await using program = onTerminal(...words`serve --rtmp nonsense`)
    const { stdout } = await program.finish(2)
    expect(readable(stdout.slice(1))).toBe('rtmpipe: --rtmp nonsense: expected a port from 0 to 65535, or off')
  })
})
