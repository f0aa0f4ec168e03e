import { defaultSessionLimits } from '@rtmpipe/session'
import { describe, expect, it } from 'vitest'
import { MarkdownFile } from '../../../../test/docs/markdown.ts'
import { loadConfig } from '../../src/config/load.ts'
import { form } from '../../src/sections/form.ts'
import { pluginSections, schema, type ServeConfig } from '../../src/sections/index.ts'
import { limitsOfAll, workersProblems, workersRows } from '../../src/sections/several-workers.ts'

/** A configuration by its environment variables. */
async function load(environment: Record<string, string>): Promise<ServeConfig> {
  return (await loadConfig<ServeConfig>(form, { environment })).config
}

/** What each variable is refused for, with three workers. */
const refused: Readonly<Record<string, readonly [value: string, path: string]>> = {
  RTMPIPE_PUBLISHER_RETURN_POLICY: ['takeover', 'publisherReturn.policy'],
  RTMPIPE_QUOTAS_STREAMS_PER_KEY: ['1', 'quotas.streamsPerKey'],
}

describe('docs/config.md', () => {
  const settings = workersRows.flatMap(row => row.settings)

  it('tells of every section, in the words of the section, what several workers mean for it', () => {
    const { text } = new MarkdownFile('docs/config.md')
    const [, part = ''] = /^## Several workers\n(.*?)^## /ms.exec(text) ?? []
    const documented = part.split('\n').filter(line => line.startsWith('| `'))
    expect(documented).toEqual(
      workersRows.map(row => `| ${row.settings.map(name => `\`${name}\``).join(', ')} | ${row.means} |`),
    )
  })

  it('leaves no section out', () => {
    const known = new Set(settings.map(name => name.replace(/\..*/, '')))
    const all = [...Object.keys(schema.properties ?? {}), ...Object.keys(form.code)].filter(name => name !== 'workers')
    expect([...known].sort()).toEqual(all.sort())
    expect(settings).toEqual(expect.arrayContaining(pluginSections.map(({ path }) => path.join('.'))))
    expect(new Set(settings).size).toBe(settings.length)
  })

  it('says of those sections that something is refused, of which it is', () => {
    const said = workersRows.filter(({ means }) => /refused|only/.test(means)).flatMap(row => row.settings)
    expect(said).toEqual(pluginSections.filter(it => it.refusedWithWorkers).map(({ path }) => path.join('.')))
    const tested = Object.values(refused).map(([, path]) => path.replace(/\..*/, ''))
    expect(said.sort()).toEqual(tested.sort())
  })

  it('says of those sections that something counts over all workers, of which it does', () => {
    const said = workersRows.filter(({ means }) => /count over all workers/.test(means)).flatMap(row => row.settings)
    const counting = pluginSections.filter(it => it.limitsOfAll).map(({ path }) => path.join('.'))
    expect(said).toEqual(['sessionLimits', ...counting])
  })
})

describe('several workers', () => {
  it.each(Object.entries(refused))('do not go with %s', async (name, [value, path]) => {
    const [problem, ...rest] = workersProblems(await load({ [name]: value, RTMPIPE_WORKERS: '3' }))
    expect(problem?.path.join('.')).toBe(path)
    expect(problem?.text).toContain('in one process only: set workers to 1, or')
    expect(rest).toEqual([])
    expect(workersProblems(await load({ [name]: value }))).toEqual([])
  })

  it.each([
    { RTMPIPE_PUBLISHER_RETURN_POLICY: 'refuse' },
    {
      RTMPIPE_QUOTAS_BITRATE: '1',
      RTMPIPE_QUOTAS_VIEWERS_PER_STREAM: '1',
      RTMPIPE_QUOTAS_CONNECTIONS_PER_ADDRESS: '1',
    },
    { RTMPIPE_SESSION_LIMITS_MAX_CONNECTIONS: '1', RTMPIPE_AUTH_AUTHMOD_USERS_studio: 'secret' },
  ])('go with %j', async environment => {
    expect(workersProblems(await load({ ...environment, RTMPIPE_WORKERS: '3' }))).toEqual([])
  })

  it('count together connections by the defaults, and what has a limit that was set', async () => {
    const unset = await limitsOfAll(await load({ RTMPIPE_QUOTAS_BITRATE: '1' }))
    expect(unset.connections.map(({ most }) => most)).toEqual([
      defaultSessionLimits.maxConnections,
      defaultSessionLimits.maxConnectionsPerAddress,
    ])
    expect(unset.viewers).toEqual([])
    const { connections, viewers } = await limitsOfAll(
      await load({
        RTMPIPE_SESSION_LIMITS_MAX_CONNECTIONS: '11',
        RTMPIPE_SESSION_LIMITS_MAX_CONNECTIONS_PER_ADDRESS: '12',
        RTMPIPE_QUOTAS_VIEWERS_PER_STREAM: '13',
        RTMPIPE_QUOTAS_CONNECTIONS_PER_ADDRESS_CONNECTIONS: '14',
        RTMPIPE_QUOTAS_CONNECTIONS_PER_ADDRESS_IPV6_PREFIX: '32',
      }),
    )
    const addresses = ['2001:db8::1', '2001:db8:1::1', '192.0.2.1']
    const found = connections.map(limit => [limit.most, new Set(addresses.map(it => limit.placeOf(it))).size])
    expect(found).toEqual([
      [11, 1],
      [12, 3],
      [14, 2],
    ])
    expect(viewers).toMatchObject([{ most: 13, description: '13 viewers watch this stream already' }])
  })
})
