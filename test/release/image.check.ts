import { chmod, chown, copyFile, cp, mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DockerfileParser } from 'dockerfile-ast'
import { expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type Exit, run, RunningProgram } from '../support/running-program.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const dockerignore = createRequire(import.meta.url)('@balena/dockerignore') as (options: object) => {
  add(patterns: string): { filter(paths: readonly string[]): string[] }
}
/** The user `node` of the image. */
const user = 1_000
/** A build on a machine that does other things too. */
const limit = 400_000

// Without a Docker engine: the commands of the Dockerfile, one after the other, in folders that stand for those of the
// image; and what it starts in a chroot that has Node and nothing else.
it.runIf(process.getuid?.() === 0 || process.env['CI'] !== undefined)(
  'the Dockerfile makes an image that runs, is healthy and ends',
  async () => {
    await using image = await TemporaryFolder.create()
    const dockerfile = DockerfileParser.parse(await readFile(join(root, 'Dockerfile'), 'utf8'))
    const instructions = dockerfile.getInstructions().map(found => ({
      keyword: found.getKeyword(),
      words: found.getArgumentsContent() ?? '',
    }))
    const last = instructions.findLastIndex(({ keyword }) => keyword === 'FROM')
    const [build, stage] = [instructions.slice(0, last), instructions.slice(last)]
    const src = image.file('src')
    await copyContext(src)
    for (const { keyword, words } of build)
      if (keyword === 'RUN')
        await run('sh', ['-ec', `cd ${src}; ${words.replaceAll(' /app', ` ${image.file('app')}`)}`], { limit })

    const place = image.file('root')
    await chrootWithNode(place)
    await cp(image.file('app'), join(place, 'app'), { recursive: true, verbatimSymlinks: true })
    for (const folder of ['data', 'tmp']) {
      await mkdir(join(place, folder))
      await chown(join(place, folder), user, user)
    }
    const wordsOf = (keyword: string) => stage.find(found => found.keyword === keyword)?.words ?? ''
    const json = (words: string) => JSON.parse(words.slice(words.indexOf('['))) as string[]
    const variables = [...wordsOf('ENV').matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value])
    const ports = Object.fromEntries(
      await Promise.all(
        ['RTMP', 'RTMPS', 'RTMPT', 'RTMPTS'].map(async name => [`RTMPIPE_${name}`, String(await freePort())]),
      ),
    )
    const env = { ...Object.fromEntries(variables), PATH: '/usr/bin', ...ports } as Record<string, string>
    const inside = (words: readonly string[]) =>
      new RunningProgram({
        file: '/usr/sbin/chroot',
        args: [`--userspec=${user}:${user}`, place, ...words],
        env,
        limit,
      })
    const [entry, command, health] = [
      json(wordsOf('ENTRYPOINT')),
      json(wordsOf('CMD')),
      json(wordsOf('HEALTHCHECK').replace(/^.*CMD /s, '')),
    ]
    const isHealthy = async (code: number): Promise<Exit> => inside(health).finish(code)

    await isHealthy(1)
    // What a cluster needs is in the image too; without NATS the server is alone.
    const nats = `nats://127.0.0.1:${await freePort()}`
    await using server = inside([...entry, ...command, '--cluster', nats])
    await server.waitForLine(/^rtmpipe ready/)
    await server.waitForLine(new RegExp(`^rtmpipe listening on rtmp://0\\.0\\.0\\.0:${ports['RTMPIPE_RTMP']}`))
    await isHealthy(0)
    server.kill(wordsOf('STOPSIGNAL') as NodeJS.Signals)
    await server.finish(0)
    const doctor = await inside([...entry, 'doctor', '--json']).finish(0, 1)
    expect(JSON.parse(doctor.stdout.join('\n'))).toHaveProperty('findings')
  },
  2 * limit,
)

/** What `COPY . .` finds: the files of the repository that .dockerignore lets through. */
async function copyContext(target: string): Promise<void> {
  const { stdout } = await run('git', ['-C', root, 'ls-files', '--cached', '--others', '--exclude-standard'])
  const filter = dockerignore({ ignorecase: false }).add(await readFile(join(root, '.dockerignore'), 'utf8'))
  const files = filter.filter(stdout)
  expect(files).toContain('packages/rtmpipe/bin/rtmpipe.js')
  expect(files.filter(file => /(^|\/)(test|node_modules|dist|\.git)\//.test(file))).toEqual([])
  for (const file of files) {
    await mkdir(dirname(join(target, file)), { recursive: true })
    await copyFile(join(root, file), join(target, file))
  }
}

/** A folder to change the root to, with the Node of this machine and the libraries that it is linked with. */
async function chrootWithNode(place: string): Promise<void> {
  const node = await realpath(process.execPath)
  const { stdout } = await run('ldd', [node])
  const libraries = stdout.flatMap(line => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? [])
  for (const [from, to] of [[node, '/usr/bin/node'], ...libraries.map(library => [library, library])] as [
    string,
    string,
  ][]) {
    await mkdir(dirname(join(place, to)), { recursive: true })
    await copyFile(await realpath(from), join(place, to))
    await chmod(join(place, to), 0o755)
  }
  await mkdir(join(place, 'etc'), { recursive: true })
  await writeFile(join(place, 'etc/passwd'), `node:x:${user}:${user}::/data:/bin/sh\n`)
  for (let folder = place; folder !== '/tmp' && folder !== '/'; folder = dirname(folder)) await chmod(folder, 0o755)
}
