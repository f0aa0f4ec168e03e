import { createServer, deny, type Listener, tcp } from 'rtmpipe'
import { expect, test } from 'vitest'
import { publishWithFfmpeg } from '../support/clients.ts'
import { makeMedia, tinyRecipe } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'

test.for(['ffmpeg-2018', 'ffmpeg'] as const)(
  '%s is told why it may not publish, before anything starts',
  async (name, context) => {
    await requireClient(context, name)
    const media = await makeMedia(tinyRecipe)
    const started: string[] = []
    await using server = createServer({ transports: [tcp({ port: 0 })] })
    server.use({
      name: 'keys',
      onPublish: ({ query }) => {
        if (query.get('key') !== 'right') return deny('NetStream.Publish.Denied', 'this key opens nothing')
        return undefined
      },
      onPublishStart: ({ streamName }) => void started.push(streamName),
    })
    const [{ address }] = (await server.listen()) as [Listener]
    const url = `rtmp://127.0.0.1:${address.port}/live`

    await using refused = publishWithFfmpeg(name, media.file, `${url}/refused?key=wrong`)
    const exit = await refused.program.exited
    expect(exit.code).not.toBe(0)
    expect(exit.stderr.join('\n')).toContain('this key opens nothing')
    expect(exit.stderr.join('\n')).not.toContain('Publish.Start')

    await using allowed = publishWithFfmpeg(name, media.file, `${url}/allowed?key=right`)
    await allowed.finish()
    expect(started).toEqual(['allowed'])
  },
)

test.for(['ffmpeg-2018', 'ffmpeg'] as const)('%s is told what is wrong with its URL', async (name, context) => {
  await requireClient(context, name)
  const media = await makeMedia(tinyRecipe)
  await using server = createServer({ transports: [tcp({ port: 0 })] })
  const [{ address }] = (await server.listen()) as [Listener]
  const url = `rtmp://127.0.0.1:${address.port}`
  for (const [path, words] of [
    ['live', 'the stream key is missing: the URL should end in it, like rtmp://host/live/KEY'],
    ['live/a\\b', 'the stream name has something in it that is not allowed'],
    ['live/a/../key', 'the stream name has something in it that is not allowed'],
  ] as const) {
    await using refused = publishWithFfmpeg(name, media.file, `${url}/${path}`)
    const exit = await refused.program.exited
    expect(exit.code).not.toBe(0)
    expect(exit.stderr.join('\n')).toContain(words)
  }
})
