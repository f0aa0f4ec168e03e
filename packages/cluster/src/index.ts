/**
 * One set of live streams over several processes. {@link cluster} is the plugin; a {@link Fabric} is the way between the
 * processes, of which there are {@link WorkersFabric} for the workers of one machine and {@link MemoryFabric} for tests.
 *
 * @example
 * ```ts
 * const fabric = await WorkersFabric.open(line, `${folder}/${process.pid}.sock`)
 * const server = createServer({ transports: [tcp()], plugins: [cluster(fabric)] })
 * ```
 *
 * It starts no processes and listens on no public port: `rtmpipe serve --workers` does.
 *
 * @packageDocumentation
 */
export { cluster } from './cluster.ts'
export { StreamLostError } from './errors.ts'
export type { Exchange } from './exchange.ts'
export type { Claim, Fabric, JoinedStream } from './fabric.ts'
export { LayeredFabric } from './layered/layered-fabric.ts'
export type { LocalFabric, NameState } from './layered/local-fabric.ts'
export { MemoryFabric, MemoryHub } from './memory-fabric.ts'
export { Directory, type DirectoryWorker } from './workers/directory.ts'
export type { PrimaryMessage, WorkerLine, WorkerRequest } from './workers/messages.ts'
export { WorkersFabric } from './workers/workers-fabric.ts'
