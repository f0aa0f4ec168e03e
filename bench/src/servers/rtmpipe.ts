import { fileURLToPath } from 'node:url'
import { outputOf } from './output-of.ts'
import type { Subject } from './subject.ts'

const program = fileURLToPath(new URL('../../../packages/rtmpipe/bin/rtmpipe.js', import.meta.url))

/** `rtmpipe serve` with further options. */
export function rtmpipe(...options: readonly string[]): Subject {
  return {
    name: ['rtmpipe', ...options].join(' '),
    reference: false,
    version: async () => {
      const help = await outputOf(process.execPath, [program, 'serve', '--help'])
      const unknown = options.find(option => option.startsWith('--') && !help.includes(option))
      if (unknown !== undefined) throw new Error(`rtmpipe serve has no ${unknown}`)
      return (await outputOf(process.execPath, [program, '--version'])).trim()
    },
    command: ({ rtmp, rtmpt }, folder) => {
      const ports = ['--rtmp', rtmp, '--rtmps', 'off', '--rtmpt', rtmpt, '--rtmpts', 'off'].map(String)
      return { file: process.execPath, args: [program, 'serve', ...ports, '--data', folder.file('data'), ...options] }
    },
  }
}
