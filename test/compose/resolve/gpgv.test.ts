import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { judgeDetached } from '../../../compose/resolve/gpgv.ts';
import { keyBlocks } from '../../../compose/resolve/keys.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { makeKey } from './support/keys.ts';

test('judgeDetached() takes no signature of a key that is revoked or has expired for a good one', async (t) => {
  const file = join(await temporaryFolder(t), 'data');
  await writeFile(file, 'data');
  const [good, revoked] = [await makeKey(t, 'good'), await makeKey(t, 'revoked')];
  const [expired, foreign] = [await makeKey(t, 'expired', '1m'), await makeKey(t, 'foreign')];
  const signatures: Buffer[] = [];
  for (const key of [good, revoked, expired, foreign]) {
    await key.signDetached(file);
    signatures.push(await readFile(`${file}.asc`));
  }
  await revoked.revoke();
  const known = [good, revoked, expired].map(async ({ publicKey }) => keyBlocks(await readFile(publicKey)));
  const keys = Buffer.concat((await Promise.all(known)).flat());
  const judged = await judgeDetached(Buffer.from('data'), signatures, keys, {});
  t.is(judged[0], null);
  t.regex(judged[1] ?? '', /^the key [0-9A-F]{16} revoked@test\.invalid is revoked$/);
  t.regex(judged[2] ?? '', /^the key [0-9A-F]{16} expired@test\.invalid has expired$/);
  t.regex(judged[3] ?? '', /Can't check signature: No public key$/);
  const [other] = await judgeDetached(Buffer.from('other'), signatures, keys, {});
  t.regex(other ?? '', /BAD signature from "good@test\.invalid"$/);
});
