import { createServer, messageTransform, tcp } from 'rtmpipe'
import { expect, test } from 'vitest'
import { publishWithFfmpeg } from '../support/clients.ts'
import { makeMedia, tinyRecipe } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { run } from '../support/running-program.ts'
import { words } from '../support/words.ts'

test.concurrent.for(['audio', 'video'] as const)(
  'ffprobe does not wait for %s that a plugin takes out',
  async (removes, context) => {
    await requireClient(context, 'ffmpeg', 'ffprobe')
    await using server = createServer({
      transports: [tcp({ port: 0 })],
      plugins: [{ name: 'removes', bindPublish: () => messageTransform(message => message, { removes }) }],
    })
    const [listener] = await server.listen()
    const url = `rtmp://127.0.0.1:${listener?.address.port}/live/name`
    const media = await makeMedia({ ...tinyRecipe, seconds: 15 })
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, url)
    await publisher.published(0.5)
    const { stdout } = await run('ffprobe', words`-v error -show_entries stream=codec_type -of csv=p=0 ${url}`)
    // FFmpeg looks at 5 s of a stream with one kind of media. It looks for the whole time for a kind that was promised.
    expect(server.streams.get('live', 'name')?.isPublishing).toBe(true)
    expect(stdout.filter(line => line === 'audio' || line === 'video')).toEqual([
      removes === 'audio' ? 'video' : 'audio',
    ])
  },
)
