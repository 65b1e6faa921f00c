// `slipway serve`: a published repository over HTTP until Ctrl-C.

import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { serveFolder } from '../../compose/publish/serve.ts';
import { UserError } from '../../lib/errors.ts';
import { defineCommand } from '../command.ts';

export const command = defineCommand({
  positionals: { folder: { type: 'string', demandOption: true, describe: 'Folder, by custom an archive repository' } },
  options: {
    listen: { type: 'string', default: '127.0.0.1:8080', describe: 'ADDRESS:PORT; port 0 takes a free one' },
  } as const,
  examples: [
    ['serve www/repo', 'Serve ./www/repo on http://127.0.0.1:8080 until Ctrl-C'],
    ['serve www/repo --listen 0.0.0.0:80', 'Serve it to the network'],
  ],
  async run({ folder, listen }, { events, signal }) {
    const stats = await stat(folder).catch(() => undefined);
    if (stats?.isDirectory() !== true) throw new UserError('folder-not-found', `${folder} is not a folder`);
    const served = await serveFolder(folder, { ...parseListen(listen), onRequest: (line) => events.info(line) });
    events.info(`${folder} is served on ${served.url}; Ctrl-C ends it`);
    try {
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      await served.close();
    }
    return { document: { kind: 'served', version: 1, folder, url: served.url }, text: '' };
  },
});

/** `127.0.0.1:8080`, `[::1]:8080` or `:8080`. */
export function parseListen(text: string): { host: string; port: number } {
  const [, host, port] = /^(\[[0-9a-fA-F:]+\]|[^:[\]]*):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535) {
    throw new UserError('usage', `--listen ${text} is not of the form ADDRESS:PORT`);
  }
  return { host: host === '' ? '0.0.0.0' : host!.replace(/^\[|\]$/g, ''), port: Number(port) };
}
