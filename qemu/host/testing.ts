// What test files import as `slipway/testing`.

export type { GuestResult, GuestRunOptions } from '../guest-command.ts';
export { bootTest, type HostContext } from './boot-test.ts';
export type { HostNeeds } from './frozen-host.ts';
export type { Host } from './host.ts';
export type { JournalFilter } from './journal.ts';
