// Fast tests and tests with real tools in temporary folders. The boot tests (ava.boot.config.js, ava.boot-long.config.js) and
// the composes of all shipped hosts (ava.hosts.config.js) have their own configurations: they are few and long.
export default {
  files: ['test/**/*.test.ts', '!test/boot/**', '!test/boot-long/**', '!test/hosts/**'],
  extensions: { ts: 'module' },
  timeout: '5m',
};
