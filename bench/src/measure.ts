import type { Arguments } from './arguments.ts'
import { clusterGroup, clusterSeconds, measureCluster } from './cluster/measure-cluster.ts'
import { thisMachine } from './machine.ts'
import { measureMicro, microGroups, microSeconds, microTasks } from './micro/measure-micro.ts'
import { Progress } from './progress.ts'
import { type Results, saveResults } from './results.ts'
import { Selection } from './selection.ts'
import { expectedSeconds, inTurns, measureTogether, type ScenarioPlan } from './servers/measure-servers.ts'
import { buildRtmpload } from './servers/rtmpload.ts'
import { type Scenario, scenarios } from './servers/scenario.ts'
import { availableSubjects } from './servers/subjects.ts'
import { measureTunnel, tunnelGroup, tunnelSeconds } from './tunnel/measure-tunnel.ts'

/** In-process tasks are steadier than servers, and many: each takes this share of the window, but time to get warm. */
const microShare = 1 / 20
const microMinimum = 0.25

/** Measures what was asked for and keeps it in a file, which is written again after every table. */
export async function measure(args: Arguments): Promise<Results> {
  const { seconds, rounds } = args
  const all = scenarios(seconds)
  const groups = [...[...microGroups, ...all].map(({ name }) => name), tunnelGroup, clusterGroup]
  const selection = new Selection(args.words, groups)
  const results: Results = {
    date: new Date().toISOString(),
    machine: thisMachine(),
    versions: {},
    seconds,
    rounds,
    groups: [],
    skipped: [],
  }
  const skip = (reason: string): void => {
    results.skipped.push(reason)
    process.stderr.write(`skipped: ${reason}\n`)
  }
  const tasks = await microTasks(group => selection.hasMicro(group), skip)
  const plans = await planServers(
    all.filter(({ name, once }) => selection.hasScenario(name, once)),
    args,
    results,
    skip,
  )
  const taskSeconds = Math.max(microMinimum, seconds * microShare)
  const withTunnel = selection.hasScenario(tunnelGroup)
  const withCluster = selection.hasScenario(clusterGroup)
  const total =
    tasks.length * rounds * microSeconds(taskSeconds) +
    plans.reduce((sum, plan) => sum + expectedSeconds(plan), 0) +
    (withTunnel ? tunnelSeconds(seconds, rounds) : 0) +
    (withCluster ? clusterSeconds(seconds, rounds) : 0)
  const progress = new Progress(total)
  try {
    results.groups.push(...(await measureMicro(tasks, taskSeconds, rounds, progress)))
    saveResults(args.name, results)
    for (const turn of inTurns(plans)) {
      results.groups.push(...(await measureTogether(turn, await buildRtmpload(), progress)))
      saveResults(args.name, results)
    }
    if (withTunnel) {
      const group = await measureTunnel(seconds, rounds, progress).catch((error: Error) =>
        skip(`tunnel: ${error.message}`),
      )
      if (group !== undefined) results.groups.push(group)
      saveResults(args.name, results)
    }
    if (withCluster) {
      const group = await measureCluster(seconds, rounds, progress).catch((error: Error) =>
        skip(`${clusterGroup}: ${error.message}`),
      )
      if (group !== undefined) results.groups.push(group)
      saveResults(args.name, results)
    }
  } finally {
    progress.stop()
  }
  return results
}

async function planServers(
  wanted: readonly Scenario[],
  { servers, rounds }: Arguments,
  results: Results,
  skip: (reason: string) => void,
): Promise<ScenarioPlan[]> {
  if (wanted.length === 0) return []
  try {
    await buildRtmpload()
  } catch (error) {
    skip(`all servers: ${(error as Error).message.split('\n')[0]}`)
    return []
  }
  const isWanted = (name: string): boolean =>
    wanted.some(scenario => scenario.subjects.includes(name)) && (servers.length === 0 || servers.includes(name))
  const available = await availableSubjects(isWanted, skip)
  for (const [{ name }, version] of available) results.versions[name.split(' ')[0] ?? name] = version
  const subjects = [...available.keys()]
  return wanted
    .map(scenario => ({
      scenario,
      rounds: scenario.once ? 1 : rounds,
      subjects: subjects.filter(({ name }) => scenario.subjects.includes(name)),
    }))
    .filter(plan => plan.subjects.length > 0)
}
