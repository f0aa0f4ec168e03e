import { type Arguments, parseArguments, usage } from './arguments.ts'
import { writeDocs } from './docs.ts'
import { checkModel, checkTable } from './model-check.ts'
import { addRun, loadResults, saveResults } from './results.ts'
import { Schedule } from './schedule.ts'
import { shapeOf } from './shape.ts'
import { simulate } from './simulate.ts'
import { recoveryTable } from './tables.ts'
import { invariants, type Tally } from './tally.ts'

// What has been started ends with the process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

try {
  const args = parseArguments(process.argv.slice(2))
  if (args === 'help') print(usage)
  else await run(args)
} catch (error) {
  process.stderr.write(`simulate: ${(error as Error).message}\n`)
  process.exitCode = 1
}

async function run(args: Arguments): Promise<void> {
  const { name, only } = args
  if (args.docs) return print(`docs: ${(await writeDocs(loadResults(name ?? 'report'))).join(', ')}`)
  if (args.check) return check(name)
  const shape = shapeOf(args.nodes, args.seconds, args.players)
  if (only !== undefined) return show(await new Schedule({ ...only, shape, trace: print }).run(), only.seed)
  const { seed, schedules, workers } = args
  const began = performance.now()
  const tally = await simulate({ seed, shape, schedules, workers })
  const took = (performance.now() - began) / 1_000
  print(
    `${tally.schedules} schedules of ${shape.nodes} nodes in ${took.toFixed(1)} s: ${(tally.schedules / took).toFixed(1)}/s`,
  )
  print(`control messages: ${((1_000 * tally.control) / tally.virtual).toFixed(1)}/s`)
  if (Object.keys(tally.recovery).length > 0) print(`\n${recoveryTable(tally)}`)
  show(tally, seed)
  const first = tally.violations[0]
  if (first !== undefined) {
    print(`\nWhat happened in ${seed}:${first.number}:`)
    await new Schedule({ seed, number: first.number, shape, trace: print }).run()
  }
  if (name === undefined) return
  const results = loadResults(name)
  addRun(results, { ...shape, seeds: [seed], took: Math.round(took), tally })
  saveResults(name, results)
  print(`simulate/results/${name}.json`)
}

async function check(name: string | undefined): Promise<void> {
  const rows = await checkModel()
  print(checkTable(rows))
  if (rows.some(({ isGood }) => !isGood)) process.exitCode = 1
  if (name === undefined) return
  const results = loadResults(name)
  results.check = rows
  saveResults(name, results)
}

function show(tally: Tally, seed: number): void {
  for (const [name, text] of Object.entries(invariants))
    print(`${name.padEnd(10)} ${tally.tried[name] ?? 0} schedules: ${text}`)
  if (tally.violations.length === 0) return
  process.exitCode = 1
  print('')
  for (const { number, invariant, text } of tally.violations)
    print(`VIOLATION (${invariant}) --only ${seed}:${number}: ${text}`)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
