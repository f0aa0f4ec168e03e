import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { markdownFiles } from '../docs/markdown.ts'
import { SnippetProject, snippetsOf } from '../docs/snippet-project.ts'
import { nodeVersions, requireNode } from '../support/node-binary.ts'
import { run } from '../support/running-program.ts'
import { ServerProcess } from '../support/server-process.ts'
import { UserProject } from './user-project.ts'

const snippets = markdownFiles().flatMap(snippetsOf)
/** How many of them run at a time. */
const atOnce = 2

describe('with all packages installed', () => {
  let project: UserProject
  let documents: SnippetProject

  beforeAll(async () => {
    const ours = Object.entries(inject('tarballs')).map(([name, path]) => [name, `file:${path}`])
    console.log('installing all packages')
    project = await UserProject.create({ ...Object.fromEntries(ours), '@types/node': '^20.19.43' })
    await project.npmInstall()
    documents = await SnippetProject.create(snippets, project.file('node_modules'))
  })

  afterAll(async () => {
    await documents[Symbol.asyncDispose]()
    await project[Symbol.asyncDispose]()
  })

  it('the TypeScript of the documents compiles', async () => {
    expect(await documents.compile()).toEqual([])
  })

  describe.each([process.versions.node, ...nodeVersions])('on Node %s', version => {
    const command = (): string => project.file('node_modules/rtmpipe/bin/rtmpipe.js')
    let node: string

    it('the command tells its version', async context => {
      node = version === process.versions.node ? process.execPath : await requireNode(context, version)
      const manifest = await readFile(project.file('node_modules/rtmpipe/package.json'), 'utf8')
      const { stdout } = await run(node, [command(), '--version'])
      expect(stdout).toEqual([(JSON.parse(manifest) as { version: string }).version])
    })

    it('the command serves, and ends when it is told to', async context => {
      if (node === undefined) context.skip('no such Node')
      await using server = await ServerProcess.start({ node, command: command() })
      await server.stop()
    })

    it('the documents’ programs run', async context => {
      if (node === undefined) context.skip('no such Node')
      const waiting = snippets.filter(({ runs }) => runs)
      expect(waiting.length).toBeGreaterThan(2)
      const worker = async (): Promise<void> => {
        for (let snippet = waiting.shift(); snippet !== undefined; snippet = waiting.shift()) {
          await documents.run(snippet, node)
        }
      }
      await Promise.all(Array.from({ length: atOnce }, worker))
    })
  })
})
