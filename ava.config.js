// Fast tests and tests with real tools in temporary folders. The boot tests have their own configuration (ava.boot.config.js): they are few and long.
export default {
  files: ['test/**/*.test.ts', '!test/boot/**'],
  extensions: { ts: 'module' },
  timeout: '5m',
};
