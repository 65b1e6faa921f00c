// AVA's settings for test files of other people's folders (run-file.ts).
export default {
  files: ['**/*.boot.ts'],
  extensions: { ts: 'module' },
  cache: false, // it would lie in their folder
  nodeArguments: [`--import=${new URL('./resolve-testing.ts', import.meta.url).href}`],
  timeout: '20m',
};
