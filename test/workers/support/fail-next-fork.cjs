const cluster = require('node:cluster')

// Preloaded into the primary: when a worker has ended, the system has no process for the one that is to take its place.
if (cluster.isPrimary)
  cluster.once('exit', () => {
    const { execPath } = process
    process.execPath = '/nowhere/node'
    cluster.once('fork', () => (process.execPath = execPath))
  })
