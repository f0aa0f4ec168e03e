import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { FlvDemuxStage } from '@rtmpipe/flv'
import { describe, expect, it } from 'vitest'
import { makeMedia, tinyRecipe } from '../support/media.ts'
import { nodeVersions, requireNode } from '../support/node-binary.ts'
import { run, RunningProgram } from '../support/running-program.ts'
import { command, ServerProcess } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

const commonJs = join(import.meta.dirname, 'common-js.cjs')

async function mediaOf(file: string): Promise<string[]> {
  const media: string[] = []
  for await (const message of createReadStream(file).pipe(new FlvDemuxStage()) as AsyncIterable<RtmpMessage>) {
    if (message.messageTypeId !== 18) media.push(`${message.messageTypeId} ${message.payload.toString('base64')}`)
  }
  return media
}

describe.concurrent.each(nodeVersions)('on Node %s the built packages', version => {
  it('serve, publish and play', { timeout: 200_000 }, async context => {
    const node = await requireNode(context, version)
    const { file } = await makeMedia(tinyRecipe)
    await using folder = await TemporaryFolder.create()
    await using server = await ServerProcess.start({ node })
    for (const scheme of ['rtmp', 'rtmpts'] as const) {
      const url = `${server.urls[scheme]}/live/${scheme}`
      const output = join(folder.path, `${scheme}.flv`)
      await using player = new RunningProgram({ file: node, args: [command, 'play', url, '-o', output, '--insecure'] })
      await server.program.waitForLine(new RegExp(`"stream":"${scheme}".*play started`))
      await run(node, [command, 'publish', file, url, '--insecure'])
      await player.finish()
      expect(await mediaOf(output)).toEqual(await mediaOf(file))
    }
  })

  it('can be required from CommonJS', { timeout: 130_000 }, async context => {
    const { stdout } = await run(await requireNode(context, version), [commonJs])
    expect(stdout).toEqual([`Node ${version} got 7`])
  })
})

it('the built packages can be required from CommonJS on the Node that runs the tests', async () => {
  const { stdout } = await run(process.execPath, [commonJs])
  expect(stdout).toEqual([`Node ${process.versions.node} got 7`])
})
