/**
 * One set of live streams over several processes. {@link cluster} is the plugin; a {@link Fabric} is the way between the
 * processes, of which there are {@link WorkersFabric} for the workers of one machine and {@link MemoryFabric} for tests.
 *
 * @packageDocumentation
 */
export { cluster } from './cluster.ts'
export { type Claim, type Fabric, type JoinedStream, keyText, type StreamKey } from './fabric.ts'
export { MemoryFabric, MemoryHub } from './memory-fabric.ts'
export { Directory, type DirectoryWorker } from './workers/directory.ts'
export type { PrimaryMessage, WorkerLine, WorkerRequest } from './workers/messages.ts'
export { WorkersFabric } from './workers/workers-fabric.ts'
