import { createServer, type Listener, type Plugin, tcp } from 'rtmpipe'
import { expect, test } from 'vitest'
import type { FfmpegName } from '../support/clients.ts'
import { startFlvPlayer } from '../support/clients/flv-player.ts'
import { makeMedia, tinyRecipe } from '../support/media.ts'
import { ffmpeg2018, requireClient } from '../support/programs.ts'
import { RunningProgram } from '../support/running-program.ts'

const ffmpegs: readonly FfmpegName[] = ['ffmpeg-2018', 'ffmpeg']

/** A program whose last argument has bytes that are no UTF-8, which only a shell can hand on: in octal for its `printf`. */
function withBytes(file: string, args: readonly string[], last: string): RunningProgram {
  return new RunningProgram({
    name: file,
    file: 'sh',
    args: ['-c', `exec "$0" "$@" "$(printf '${last}')"`, file, ...args],
  })
}

test.for(ffmpegs)(
  '%s publishes two names in windows-1251, and rtmpdump plays the one it asks for',
  async (name, context) => {
    await requireClient(context, name, 'rtmpdump')
    const media = await makeMedia(tinyRecipe)
    const started: string[] = []
    const told: Plugin = { name: 'told', onPublishStart: ({ streamName }) => void started.push(streamName) }
    await using server = createServer({ transports: [tcp({ port: 0 })], plugins: [told] })
    const [{ address }] = (await server.listen()) as [Listener]
    const app = `rtmp://127.0.0.1:${address.port}/live`
    const publish = (stream: string) => {
      const file = name === 'ffmpeg' ? name : ffmpeg2018()
      return withBytes(file, ['-nostdin', '-re', '-i', media.file, '-c', 'copy', '-f', 'flv'], `${app}/${stream}`)
    }
    // камера
    const camera = String.raw`\352\340\354\345\360\340`
    const names = [`${camera}1`, `${camera}2`] as const
    await using player = await startFlvPlayer(
      file => withBytes('rtmpdump', ['-V', '--live', '-o', file, '-r', app, '-y'], names[1]),
      /sending play/i,
    )
    await player.playing()
    await using one = publish(names[0])
    await one.finish()
    await using other = publish(names[1])
    await other.finish()
    const { packets } = await player.finish()
    expect(packets.map(({ hash }) => hash)).toEqual(media.packets.map(({ hash }) => hash))
    expect(started).toEqual(['êàìåðà1', 'êàìåðà2'])
  },
)
