import { answerAuthmod, type AuthmodMethod } from 'rtmpipe/plugins/auth'
import { connect, StatusError } from 'rtmpipe'
import { expect, test } from 'vitest'
import { publishWithFfmpeg } from '../support/clients.ts'
import { makeMedia, tinyRecipe } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { ServerProcess } from '../support/server-process.ts'

/** Each ffmpeg may have to wait for the processor. Milliseconds. */
const timeout = 120_000

/** A client comes three times to log in, each time to the next worker. */
function start(method: AuthmodMethod): Promise<ServerProcess> {
  const env = { RTMPIPE_AUTH_AUTHMOD_USERS_studio: 's3cret', RTMPIPE_AUTH_AUTHMOD_METHOD: method }
  return ServerProcess.start({ args: ['--workers', '2'], env })
}

test.concurrent.for([
  ['adobe', 20],
  ['llnw', 4],
] as const)('ffmpeg logs in by authmod=%s, %i times of as many', { timeout }, async ([method, times], context) => {
  await requireClient(context, 'ffmpeg')
  const { file } = await makeMedia(tinyRecipe)
  await using server = await start(method)
  const host = server.urls.rtmp.replace('rtmp://', '')
  for (let time = 0; time < times; time += 4) {
    const together = [0, 1, 2, 3].map(async one => {
      const url = `rtmp://studio:s3cret@${host}/live/name${time + one}`
      await using publisher = publishWithFfmpeg('ffmpeg', file, url, { realtime: false })
      await publisher.finish()
    })
    await Promise.all(together)
  }
  await using wrong = publishWithFfmpeg('ffmpeg', file, `rtmp://studio:wrong@${host}/live/wrong`)
  const { code, stderr } = await wrong.program.exited
  expect(code).not.toBe(0)
  expect(stderr.join('\n')).toContain('Incorrect username/password')
})

test.concurrent('an answer is taken once, whichever workers it comes to', { timeout }, async () => {
  await using server = await start('adobe')
  const attempt = async (query: string): Promise<string> => {
    try {
      const client = await connect(`${server.urls.rtmp}/live?${query}`)
      await client.close()
      return 'accepted'
    } catch (error) {
      if (error instanceof StatusError) return error.description
      throw error
    }
  }
  const question = await attempt('authmod=adobe&user=studio')
  const answer = answerAuthmod(question, { user: 'studio', password: 's3cret' }, 'live') ?? ''
  const said = [await attempt(answer), await attempt(answer), await attempt(answer)]
  expect(said).toEqual(['accepted', expect.stringContaining('needauth'), expect.stringContaining('needauth')])
})
