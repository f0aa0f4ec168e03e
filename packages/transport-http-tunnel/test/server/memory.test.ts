import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { type Clocked, clocked, closing, opened, turns } from '../support/bench.ts'
import type { RawClient } from '../support/raw-client.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

it('forgets a session that has ended, though its connection stays', async () => {
  const bench = await clocked()
  const { client, stream } = await ended(bench)
  for (let count = 0; stream.deref() !== undefined && count < 50; count++) {
    await turns(1)
    collect()
  }
  expect(stream.deref()).toBeUndefined()
  expect((await client.post('/fcs/ident2')).status).toBe(404)
})

/** A session that has ended, and the connection that it was on. */
async function ended(bench: Clocked): Promise<{ client: RawClient; stream: WeakRef<object> }> {
  const { client, id, stream } = await opened(bench)
  stream.resume().on('end', () => stream.end())
  await client.post(`/send/${id}/0`, 'x')
  await client.post(`/close/${id}/1`)
  await closing(stream)
  bench.accepted.all.length = 0
  return { client, stream: new WeakRef(stream) }
}
