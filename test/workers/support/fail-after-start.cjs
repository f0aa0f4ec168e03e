const cluster = require('node:cluster')

// Preloaded: when a worker has ended, those that take its place end as soon as they begin.
if (cluster.isPrimary) cluster.once('exit', () => (process.env.TEST_WORKERS_FAIL = 'yes'))
else if (process.env.TEST_WORKERS_FAIL === 'yes') process.exit(7)
