import { describe, expect, it } from 'vitest'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { configWarnings } from '../../src/serve/warnings.ts'
import { loadConfig } from '../../src/config/load.ts'
import { form } from '../../src/sections/form.ts'
import type { ServeConfig } from '../../src/sections/index.ts'

async function warnings(environment: Record<string, string>): Promise<readonly string[]> {
  return configWarnings((await loadConfig<ServeConfig>(form, { environment })).config)
}

describe('configWarnings', () => {
  it.each(['takeover', 'resume'])('tell what several workers make of %s, and what to do', async policy => {
    const [line, ...rest] = await warnings({ RTMPIPE_PUBLISHER_RETURN_POLICY: policy, RTMPIPE_WORKERS: '3' })
    expect(line).toMatch(new RegExp(`^publisherReturn.policy ${policy} with 3 workers: .*set workers to 1`))
    expect(rest).toEqual([])
  })

  it.each([
    {},
    { RTMPIPE_WORKERS: '3' },
    { RTMPIPE_PUBLISHER_RETURN_POLICY: 'takeover' },
    { RTMPIPE_PUBLISHER_RETURN_POLICY: 'refuse', RTMPIPE_WORKERS: '3' },
  ])('are silent about %j', async environment => expect(await warnings(environment)).toEqual([]))

  it('are in the log of rtmpipe serve', async () => {
    const env = { RTMPIPE_PUBLISHER_RETURN_POLICY: 'takeover' }
    await using server = await ServerProcess.start({ args: ['--workers', '2'], env })
    await server.program.waitForLine(/^\{"level":40,.*publisherReturn.policy takeover with 2 workers/)
  })
})
