import { fileURLToPath } from 'node:url'
import { outputOf } from './output-of.ts'
import type { Subject } from './subject.ts'

const program = fileURLToPath(new URL('../../../packages/rtmpipe/bin/rtmpipe.js', import.meta.url))

/** Asked once for all variants: each answer takes a start of Node. */
const answers = new Map<string, Promise<string>>()

function ask(...args: readonly string[]): Promise<string> {
  const key = args.join(' ')
  const answer = answers.get(key) ?? outputOf(process.execPath, [program, ...args])
  answers.set(key, answer)
  return answer
}

/** `rtmpipe serve` with further options. */
export function rtmpipe(...options: readonly string[]): Subject {
  return {
    name: ['rtmpipe', ...options].join(' '),
    reference: false,
    version: async () => {
      const help = await ask('serve', '--help')
      const unknown = options.find(option => option.startsWith('--') && !help.includes(option))
      if (unknown !== undefined) throw new Error(`rtmpipe serve has no ${unknown}`)
      return (await ask('--version')).trim()
    },
    command: ({ rtmp, rtmpt, rtmpts, rtmfp }, folder) => {
      const ports = ['--rtmp', rtmp, '--rtmps', 'off', '--rtmpt', rtmpt, '--rtmpts', rtmpts ?? 'off'].map(String)
      if (rtmfp !== undefined) ports.push('--rtmfp', String(rtmfp))
      return { file: process.execPath, args: [program, 'serve', ...ports, '--data', folder.file('data'), ...options] }
    },
  }
}
