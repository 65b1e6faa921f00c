// Preloaded into the processes of test files: lets a file anywhere import `slipway/testing` and the `ava` that runs it, with nothing installed beside it.

import { registerHooks } from 'node:module';

const modules: Readonly<Record<string, string>> = {
  ava: import.meta.resolve('ava'),
  'slipway/testing': new URL('./testing.ts', import.meta.url).href,
};

registerHooks({
  resolve: (specifier, context, next) => next(modules[specifier] ?? specifier, context),
});
