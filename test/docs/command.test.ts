import { afterEach, describe, expect, it, vi } from 'vitest'
import { main } from '../../packages/rtmpipe/src/commands/main.ts'
import { MarkdownFile } from './markdown.ts'

interface Option {
  readonly flags: string
  readonly meaning: string
  readonly default: string
}

/** What the command itself says of the options of a subcommand. */
async function optionsOf(subcommand: string): Promise<readonly Option[]> {
  const written: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation(text => written.push(String(text)) > 0)
  await main([subcommand, '--help'])
  vi.restoreAllMocks()
  const unwrapped = written.join('').replace(/\n {4,}(?=\S)/g, ' ')
  const lines = [...unwrapped.matchAll(/^ {2}(-.+?) {2,}(.+)$/gm)]
  return lines
    .map(({ 1: flags = '', 2: text = '' }) => {
      const [, meaning = '', value = ''] = /^(.*?)(?: \(default: "(.*)"\))?$/.exec(text) ?? []
      return { flags, meaning, default: value }
    })
    .filter(({ flags }) => !flags.includes('--help'))
}

describe('the tables of options in README.md', () => {
  const exitCode = process.exitCode
  afterEach(() => {
    process.exitCode = exitCode
  })

  const [, command = ''] = new MarkdownFile('README.md').text.split('## The command')
  const chapters = command.split(/(?=^`npx rtmpipe )/m)

  it.each(['serve', 'status', 'kick', 'drain', 'publish', 'play', 'sign', 'dump', 'systemd'])(
    'say of %s what the command says',
    async subcommand => {
      const chapter = chapters.find(text => text.startsWith(`\`npx rtmpipe ${subcommand}`)) ?? ''
      const documented = [...chapter.matchAll(/^\| `(-.+?)` +\| (.+?) +\|(.*?)\|$/gm)].map(
        ({ 1: flags = '', 2: meaning = '', 3: value = '' }) => ({
          flags: flags.replaceAll('\\|', '|'),
          meaning,
          default: value.replaceAll('`', '').trim(),
        }),
      )
      const options = await optionsOf(subcommand)
      expect(options.length).toBeGreaterThan(1)
      expect(documented).toEqual(options)
    },
  )
})
