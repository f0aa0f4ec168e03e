import { expect, it } from 'vitest'
import { createLog, ServerLog } from '../../src/serve/log.ts'

it('a level that changes holds for loggers that were made before', () => {
  const lines: string[] = []
  const note = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
  const target = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') }
  const log = new ServerLog(target, { rank: 30 })
  const child = log.child({ id: 1 }).child({ id: 2 })
  const all = () => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const) child[level]({}, 'said')
    return lines.splice(0).map(line => line.split(' ')[0])
  }
  expect(all()).toEqual(['info', 'warn', 'error'])
  log.level = 'debug'
  expect(all()).toEqual(['debug', 'info', 'warn', 'error'])
  log.level = 'error'
  expect(all()).toEqual(['error'])
  log.level = 'silent'
  expect(all()).toEqual([])
})

it('a child says on every line what its parents and it were given', () => {
  const lines: object[] = []
  const note = (fields: object, message: string) => void lines.push({ ...fields, message })
  const log = new ServerLog({ debug: note, info: note, warn: note, error: note }, { rank: 30 })
  const child = log.child({ connection: 'a' }).child({ stream: 'live/x' })
  child.info({ frames: 3 }, 'said')
  log.warn({}, 'without')
  expect(lines).toEqual([{ connection: 'a', stream: 'live/x', frames: 3, message: 'said' }, { message: 'without' }])
})

it.each<[isTTY: boolean, environment: NodeJS.ProcessEnv, line: RegExp]>([
  [true, {}, /^\[.{12}\] \S{5}INFO\S{5}: said live\/x code=7\n$/],
  [true, { NO_COLOR: '1' }, /^\[.{12}\] INFO: said live\/x code=7\n$/],
  [true, { TERM: 'dumb' }, /^\[.{12}\] INFO: said live\/x code=7\n$/],
  [false, {}, /^\{"level":30,"time":\d+,"app":"live","stream":"x","code":7,"msg":"said"\}\n$/],
])(
  'writes for people on a terminal, in colours where they are wanted, and JSON otherwise: %j %j',
  (isTTY, environment, line) => {
    const written: string[] = []
    const write = (text: string | Uint8Array) => written.push(String(text)) > 0
    createLog('info', { isTTY, write }, environment).child({ app: 'live', stream: 'x' }).info({ code: 7 }, 'said')
    expect(written).toEqual([expect.stringMatching(line)])
  },
)

it('writes nothing that a terminal would obey, in JSON that reads the same', () => {
  let written = ''
  const write = (text: string | Uint8Array) => (written += String(text)) !== ''
  const stream = 'a\u001b[2J\u009b2J\u007f\u202eb\n'
  createLog('info', { isTTY: false, write }, {}).info({ stream }, 'said')
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  expect(written).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u202e]+\n$/)
  expect(JSON.parse(written)).toMatchObject({ stream, msg: 'said' })
})
