// Fast tests and tests with real tools in temporary folders. The boot tests (ava.boot.config.js, ava.boot-long.config.js) and
// the composes of all shipped hosts (ava.hosts.config.js) have their own configurations: they are few and long. Files run in processes, not in threads:
// a fault in a C library then ends one file, whose name is told, not the whole run.
export default {
  files: ['test/**/*.test.ts', '!test/boot/**', '!test/boot-long/**', '!test/hosts/**'],
  extensions: { ts: 'module' },
  workerThreads: false,
  timeout: '5m',
};
