/**
 * The compliance suite of fabrics, for any test runner: what every `Fabric` must do, tried with several of them in one
 * process.
 *
 * @example
 * ```ts
 * it.each(fabricCompliance)('$name', one => one.run(() => ({ open: () => new MyFabric(network) })))
 * ```
 *
 * It knows nothing of the network below, and breaks none: faults of yours need tests of yours.
 *
 * @packageDocumentation
 */
export type { FabricSubject } from './fabric-bench.ts'
export { fabricCompliance } from './fabric-compliance.ts'
