import { expect, it } from 'vitest'
import { connect, createServer, tcp } from '../src/index.ts'

it('a client over a socket hears which limit its calls have crossed, and has the answers to those before', async () => {
  await using server = createServer({
    transports: [tcp({ port: 0, host: '127.0.0.1' })],
    limits: { maxCommandsPerMinute: 300 },
  })
  server.use({ name: 'echo', onCall: ({ args }) => args[0] })
  const [listener] = await server.listen()
  const client = await connect(`rtmp://127.0.0.1:${listener?.address.port}/live`)
  const answers = await Promise.allSettled(Array.from({ length: 900 }, (_, number) => client.call('echo', number)))
  const answered = answers.filter(({ status }) => status === 'fulfilled').length
  // `connect` is the first of the 300.
  expect(answered).toBe(299)
  const failed = answers.slice(answered)
  expect(
    failed.every(
      answer =>
        answer.status === 'rejected' && /more than 300 in 60 s \(RTMP_ERR_COMMAND_RATE\)/.test(String(answer.reason)),
    ),
  ).toBe(true)
  await expect(client.call('echo', 1)).rejects.toThrow('RTMP_ERR_COMMAND_RATE')
})
