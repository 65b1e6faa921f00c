// What `slipway cache show`, `gc` and `verify` share: options, work and the printed form.

import { maintainCache } from '../compose/cache.ts';
import type { CacheReport, MaintainInput } from '../compose/packages/maintain.ts';
import { cacheDirectory } from '../lib/cache.ts';
import type { CommandResult, CommandTools } from './command.ts';
import { formatBytes } from './format.ts';

export const cacheOptions = {
  cachedir: { type: 'string', describe: 'Folder for caches (default: the cache folder of this user)' },
} as const;

/** Does the work of one of the commands. */
export async function runCacheCommand(
  action: MaintainInput['action'],
  { cachedir, days = 0 }: { readonly cachedir: string | undefined; readonly days?: number },
  { events, signal }: CommandTools,
): Promise<CommandResult> {
  const options = { cacheDir: cachedir ?? cacheDirectory(), unusedDays: days };
  const report = await maintainCache(action, options, { events, signal });
  const isDamaged = action === 'verify' && report.problems.length > 0;
  return { document: report, text: formatCacheReport(action, report), exitCode: isDamaged ? 1 : 0 };
}

export function formatCacheReport(action: MaintainInput['action'], report: CacheReport): string {
  const size = [
    `${report.packages} packages and ${report.initramfs} initramfs images, ${formatBytes(report.bytes)} in ${report.repo}`,
    ...report.parts.map(({ name, files, bytes }) => `  ${name}: ${files} files, ${formatBytes(bytes)}`),
  ].join('\n');
  switch (action) {
    case 'show':
      return size;
    case 'gc':
      return `${report.removed} entries removed; left are ${size}`;
    case 'verify':
      return report.problems.length === 0
        ? `The cache is sound: ${size}`
        : [...report.problems, 'The cache is damaged: `slipway cache verify --repair` removes what is named'].join(
            '\n',
          );
    case 'repair':
      return report.problems.length === 0
        ? `The cache is sound: ${size}`
        : [...report.problems, `${report.removed} entries removed; the next compose makes them again`].join('\n');
  }
}
