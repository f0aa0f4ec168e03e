import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const conditions = ['@rtmpipe/source']

const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Vite compiles decorators only when told so: the classes in examples and tests use parameter decorators.
  oxc: { decorator: { legacy: true } },
}

/** Where much else runs, everything takes longer: what is waited for is there at once, or much later than in a second. */
const timeouts = { testTimeout: 30_000, hookTimeout: 60_000, expect: { poll: { timeout: 10_000 } } }

const loads = ['dump', 'fallback', 'load', 'pings', 'slow-line'].map(name => `test/interop/${name}.test.ts`)

/**
 * Their files share a few processes, one file after another: otherwise most of what they cost is to start one and to load
 * the source. Nothing in them outlives its file.
 */
const plain = [
  'packages/{amf,chunk-stream,cluster,cluster-nats,create-rtmpipe,dump,flv,http,http-view,net,plugins}/test',
  'packages/{rtmpipe,session,testing,web}/test',
  'packages/transport-{http-tunnel,one-port,rtmfp,tcp,tls,websocket}/test',
  'examples/test',
].map(folder => `${folder}/**/*.test.ts`)

/** Of these, what measures the memory of its process, sets flags of V8, or replaces a module. */
const alone = [
  'packages/amf/test/*/hostile.test.ts',
  'packages/cluster-nats/test/nats/nats-bus.test.ts',
  'packages/flv/test/flv-demuxer.test.ts',
  'packages/rtmpipe/test/serve/heap-growth.test.ts',
  'packages/transport-http-tunnel/test/server/{memory,openings}.test.ts',
  'packages/transport-rtmfp/test/{hostile/*,rtmp/message-connection,session/memory}.test.ts',
  'packages/transport-tcp/test/tcp-transport.test.ts',
  'packages/web/test/chat-room.test.ts',
]

/** Many wait for the clock. Vitest alone would take one less than there are cores. */
const maxWorkers = 3

/** They take longest: what begins last should not be what everything else waits for. */
const longest = [
  'browser-latency',
  'cluster-joins',
  'cluster-servers-fail',
  'browser-ways',
  'cluster-tunnels',
  'dashboard-size',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      longest.some(name => moduleId.endsWith(`/test/interop/${name}.test.ts`))
    return [...sorted.filter(isLong), ...sorted.filter(file => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // What runs the built command builds it first.
    globalSetup: './test/support/global-setup.ts',
    projects: [
      {
        ...shared,
        test: {
          name: 'plain',
          include: plain,
          exclude: alone,
          isolate: false,
          maxWorkers,
          ...timeouts,
        },
      },
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...plain, 'test/interop/**'],
          maxWorkers,
          sequence: { groupOrder: 1 },
          ...timeouts,
        },
      },
      {
        ...shared,
        test: { name: 'alone', include: alone, maxWorkers, sequence: { groupOrder: 1 }, ...timeouts },
      },
      {
        ...shared,
        // Real clients, who mostly wait for the clock.
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          exclude: loads,
          maxWorkers,
          maxConcurrency: 8,
          sequence: { groupOrder: 2 },
          ...timeouts,
        },
      },
      {
        ...shared,
        // One file at a time, with the machine to itself.
        test: {
          name: 'load',
          include: loads,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          ...timeouts,
        },
      },
    ],
  },
})
