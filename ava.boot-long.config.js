// Boot tests that take many boots of the sample host: snapshots and external tests, faults, power cuts and Secure Boot. Not part of the default run, which
// tests the same parts with guests of one sector.
export default {
  files: ['test/boot-long/**/*.test.ts'],
  extensions: { ts: 'module' },
  concurrency: 1,
  serial: true,
  workerThreads: false,
  timeout: '30m',
};
