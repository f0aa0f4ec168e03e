import { type Arguments, parseArguments, usage } from './arguments.ts'
import { writeDocs } from './docs.ts'
import { checkModel, checkTable } from './model-check.ts'
import { Progress } from './progress.ts'
import { addRun, blocksOf, loadResults, saveResults, seedsOf } from './results.ts'
import { Schedule } from './schedule.ts'
import { type Shape, shapeOf } from './shape.ts'
import { simulate } from './simulate.ts'
import { recoveryTable } from './tables.ts'
import { addTally, invariants, newTally, type Tally } from './tally.ts'

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
  if (only !== undefined) return show(await new Schedule({ ...only, shape, trace: print }).run())
  const began = performance.now()
  const tally = await runAll(args, shape)
  const took = (performance.now() - began) / 1_000
  const { schedules, virtual, control, recovery, violations } = tally
  if (schedules === 0) return
  print(`${schedules} schedules of ${shape.nodes} nodes in ${took.toFixed(1)} s: ${(schedules / took).toFixed(1)}/s`)
  print(`control messages: ${((1_000 * control) / virtual).toFixed(1)}/s`)
  if (Object.keys(recovery).length > 0) print(`\n${recoveryTable(recovery)}`)
  show(tally)
  const [first] = violations
  if (first === undefined) return
  print(`\nWhat happened in ${first.seed}:${first.number}:`)
  await new Schedule({ ...first, shape, trace: print }).run()
}

/** In blocks, each with a seed of its own. Those that the file has already are passed over, and each is added to it when it is done. */
async function runAll({ seed, schedules, workers, name }: Arguments, shape: Shape): Promise<Tally> {
  const sum = newTally()
  const known = name === undefined ? [] : seedsOf(loadResults(name), shape)
  const blocks = blocksOf(seed, schedules).filter(block => !known.includes(block.seed))
  const left = blocks.reduce((all, block) => all + block.schedules, 0)
  if (left < schedules) print(`${schedules - left} of ${schedules} schedules are in simulate/results/${name}.json`)
  const progress = new Progress(left)
  try {
    for (const block of blocks) {
      const began = performance.now()
      const tally = await simulate({ ...block, shape, workers, progress })
      addTally(sum, tally)
      if (name === undefined) continue
      const results = loadResults(name)
      addRun(results, { ...shape, seeds: [block.seed], took: Math.round((performance.now() - began) / 1_000), tally })
      saveResults(name, results)
    }
  } finally {
    progress.stop()
  }
  return sum
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

function show({ tried, violations }: Tally): void {
  for (const [name, text] of Object.entries(invariants))
    print(`${name.padEnd(10)} ${tried[name] ?? 0} schedules: ${text}`)
  if (violations.length === 0) return
  process.exitCode = 1
  print('')
  for (const { seed, number, invariant, text } of violations)
    print(`VIOLATION (${invariant}) --only ${seed}:${number}: ${text}`)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
