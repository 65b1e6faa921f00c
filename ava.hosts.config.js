// Composes of all shipped treefiles on the sample distribution: a gigabyte of packages and minutes of work, so not part of the default run.
export default {
  files: ['test/hosts/**/*.test.ts'],
  extensions: { ts: 'module' },
  concurrency: 1,
  serial: true,
  workerThreads: false,
  timeout: '30m',
};
