import { Encoder } from './encoder.ts'
import type { SimNode, World } from './world.ts'

/** What a fault does, by its name in the report; returns what ends it. `undefined`: it is over by itself. */
type Act = (world: World, chosen: SimNode) => { readonly lasts: number; readonly end: () => void }

export interface FaultKind {
  readonly act: Act
  /** Whether it may stand in the way of media. */
  readonly stopsMedia: boolean
  /** How often it comes. */
  readonly weight: number
  /** Whether it lasts as long as it does, also when all is mended sooner. */
  readonly isAwaited?: boolean
}

/** Milliseconds: an encoder comes back, its node's lease is missed for 12 s, and some more. */
export const longSilence = 24_000

const nothing = (): void => {}

function some(world: World): SimNode[] {
  const chosen = world.nodes.filter(() => world.random.next() < 0.5)
  return chosen.length === 0 ? [world.nodes[0]!] : chosen
}

function names(nodes: readonly SimNode[]): string[] {
  return nodes.map(({ name }) => name)
}

function partition(world: World, ways: 'both' | 'in' | 'out'): { readonly lasts: number; readonly end: () => void } {
  const { network, random } = world
  const noticedAfter = [0, 2_000, Infinity][Math.floor(random.next() * 3)]!
  const directory = (['both', 'here', 'there'] as const)[Math.floor(random.next() * 3)]!
  const end = network.faults.partition(names(some(world)), { ways, noticedAfter, directory })
  return { lasts: random.next() < 0.3 ? random.between(10_000, 20_000) : random.between(500, 10_000), end }
}

/** All that can go wrong. */
export const faultKinds = {
  'node killed': {
    weight: 2,
    stopsMedia: true,
    act: ({ network }, { name }) => {
      network.faults.kill(name)
      return { lasts: 0, end: nothing }
    },
  },
  'node frozen': {
    weight: 2,
    stopsMedia: true,
    act: ({ network, random }, { name }) => ({ lasts: random.between(500, 10_000), end: network.faults.freeze(name) }),
  },
  'server killed': {
    weight: 2,
    stopsMedia: true,
    act: world => {
      const backAfter = world.random.between(7, 150)
      world.network.faults.killServer(names(some(world)), { backAfter })
      return { lasts: backAfter, end: nothing }
    },
  },
  'server frozen': {
    weight: 2,
    stopsMedia: true,
    act: world => {
      const noticedAfter = world.random.between(1_000, 2_500)
      const backAfter = 50 + world.random.between(0, 50)
      world.network.faults.freezeServer(names(some(world)), { noticedAfter, backAfter })
      return { lasts: noticedAfter + backAfter, end: nothing }
    },
  },
  'all servers down': {
    weight: 1,
    stopsMedia: true,
    act: ({ network, random }) => ({ lasts: random.between(500, 6_000), end: network.faults.stopServers() }),
  },
  'cut off': {
    weight: 1,
    stopsMedia: true,
    act: ({ network, random }, { name }) => {
      const ways = (['both', 'in', 'out'] as const)[Math.floor(random.next() * 3)]!
      return { lasts: random.between(200, 8_000), end: network.faults.cutOff(name, ways) }
    },
  },
  partition: { weight: 2, stopsMedia: true, act: world => partition(world, 'both') },
  'one-way partition': {
    weight: 2,
    stopsMedia: true,
    act: world => partition(world, world.random.next() < 0.5 ? 'in' : 'out'),
  },
  // Neither the others nor the directory hear of it, the servers know of no fault, and its name is wanted elsewhere.
  'owner unheard': {
    weight: 2,
    stopsMedia: true,
    isAwaited: true,
    act: (world, { name }) => {
      const { network, random, encoders } = world
      const encoder = encoders.find(({ node }) => node?.name === name)
      const end = network.faults.partition([name], { noticedAfter: Infinity, directory: 'there' })
      if (random.next() < 0.8) encoder?.leave()
      else {
        const rival = new Encoder(world, encoder?.stream ?? 0)
        encoders.push(rival)
        rival.start()
      }
      const isLong = random.next() < 0.5
      return { lasts: random.between(isLong ? 18_000 : 1_000, longSilence), end }
    },
  },
  'slow edge': {
    weight: 2,
    stopsMedia: true,
    act: ({ network, random }, node) => {
      const letGo = network.faults.slow(node.name)
      node.isSlow = true
      const end = (): void => {
        node.isSlow = false
        if (!node.memory.isDead) letGo()
      }
      return { lasts: random.between(500, 8_000), end }
    },
  },
  'encoder gone': {
    weight: 2,
    stopsMedia: false,
    act: ({ encoders, random }) => {
      const encoder = encoders[Math.floor(random.next() * encoders.length)]
      if (encoder?.node !== undefined) encoder.leave()
      return { lasts: 0, end: nothing }
    },
  },
  'directory unwritable': {
    weight: 1,
    stopsMedia: false,
    act: ({ network, random }) => {
      const lasts = random.between(4_000, 9_000)
      network.faults.elect(lasts)
      return { lasts, end: nothing }
    },
  },
  'writes unanswered': {
    weight: 1,
    stopsMedia: false,
    act: ({ network, random }) => {
      network.faults.loseAnswers(random.next())
      return { lasts: random.between(1_000, 8_000), end: () => network.faults.loseAnswers(0) }
    },
  },
  'directory read late': {
    weight: 1,
    stopsMedia: false,
    act: ({ network, random }) => {
      network.faults.readLate(random.between(10, 500))
      return { lasts: random.between(1_000, 8_000), end: () => network.faults.readLate(0) }
    },
  },
  'bucket made anew': {
    weight: 1,
    stopsMedia: false,
    act: ({ network }) => {
      network.faults.recreate()
      return { lasts: 0, end: nothing }
    },
  },
} as const satisfies Record<string, FaultKind>

export type FaultName = keyof typeof faultKinds

const all = Object.entries(faultKinds).flatMap(([name, { weight }]) => Array<FaultName>(weight).fill(name as FaultName))

/** @param random from 0 to below 1 */
export function anyFault(random: number): FaultName {
  return all[Math.floor(random * all.length)]!
}
