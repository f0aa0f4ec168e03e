import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import type { VodOptions } from '@rtmpipe/plugins/vod'
import { vodDefaults } from '@rtmpipe/plugins/vod/defaults'
import { object, text, whole } from '../config/schema-node.ts'
import type { PluginSection } from './plugin-section.ts'

/** Plays files of a folder. */
export type VodConfig = Omit<VodOptions, 'log'>

const schema = object<VodConfig>(
  'plays the FLV and MP4 files of a folder',
  {
    dir: text('folder of the files', { expected: 'a folder', example: 'videos' }),
    app: text('application they are played from', { default: vodDefaults.app }),
    cacheSize: whole('bytes of files to keep in memory', 1024 * 1024, Number.MAX_SAFE_INTEGER, vodDefaults.cacheSize),
  },
  ['dir'],
)

export const vod: PluginSection<VodConfig> = {
  path: ['vod'],
  schema,
  make: async (options, { log }) => (await import('@rtmpipe/plugins/vod')).vod({ ...options, log }),
  async problems({ dir }) {
    const problem = (text: string) => [{ path: ['vod', 'dir'], text, shown: dir }]
    const folder = await stat(dir).catch(() => undefined)
    if (folder?.isDirectory() !== true) return problem('there is no such folder')
    const isReadable = await access(dir, constants.R_OK | constants.X_OK).then(
      () => true,
      () => false,
    )
    return isReadable ? [] : problem('that folder can not be read: choose another, or make it readable')
  },
  withWorkers: 'each worker plays files, and keeps up to `cacheSize` bytes of them in memory',
}
