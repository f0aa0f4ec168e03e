import { pluginCompliance } from '@rtmpipe/testing'
import { describe, it } from 'vitest'
import { record } from '../../src/record/index.ts'
import { temporaryFolder } from './support/folder.ts'

describe.each(['flv', 'mp4'] as const)('record, as %s, does what every plugin must do', format => {
  it.each(pluginCompliance)('$name', one => one.run(() => ({ plugin: record({ dir: temporaryFolder(), format }) })))
})
