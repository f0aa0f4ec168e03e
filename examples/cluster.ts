// This example shows how to make one set of streams of two servers, as on two machines: whoever plays at one of them sees
// what is published at the other. It starts a nats-server of its own: NATS_SERVER, or the one on the PATH.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { natsFabric } from '@rtmpipe/cluster-nats'
import { cluster, createServer, tcp } from 'rtmpipe'
