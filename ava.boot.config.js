// The boot tests: few, long, each file with machines of its own, one machine at a time.
export default {
  files: ['test/boot/**/*.test.ts'],
  extensions: { ts: 'module' },
  concurrency: 1,
  serial: true,
  workerThreads: false,
  timeout: '20m',
};
