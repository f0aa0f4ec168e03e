import { expect, test } from 'vitest'
import { SlowLine } from '../support/slow-line.ts'

const { audio, video } = { audio: '8', video: '9' }

test('a keyframe of 2 MiB on a line of 4 Mbit/s does not hold up audio', { timeout: 90_000 }, async context => {
  await using line = await SlowLine.create(4).catch((error: Error) => {
    console.warn(`skipping ${context.task.name}: no network namespaces here: ${error.message.split('\n')[0]}`)
    return context.skip('no network namespaces here')
  })
  await using server = line.run('server', 'serve.js', SlowLine.serverAddress)
  const [, port] = await server.waitForLine(/^listening (\d+)$/)
  await using player = line.run('player', 'play.js', `rtmp://${SlowLine.serverAddress}:${port}/live`)
  const got = /^got (\d+) (\d+) (\d+)$/
  const [, , , keyframe] = await player.waitForLine(got, match => match[1] === video)
  const [, , , lastAudio] = await player.waitForLine(got, match => match[1] === audio && match[2] === '1000')
  const [, , , sent] = await server.waitForLine(/^sent (\d+) (\d+) (\d+)$/, match => match[2] === '1000')
  console.log(
    `the last audio took ${Number(lastAudio) - Number(sent)} ms, the keyframe ${Number(keyframe) - Number(sent) + 1000} ms`,
  )
  expect(Number(lastAudio), 'audio that came before the keyframe did').toBeLessThan(Number(keyframe))
})
