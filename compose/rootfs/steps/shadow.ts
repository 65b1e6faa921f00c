// Takes the day of the last password change out of locked accounts: tools write the day of the build there, which says nothing and would
// make every day's tree different.

import { writeFileSync } from 'node:fs';
import { accountPath, formatAccounts, readAccounts } from '../accounts.ts';

export function normaliseShadow(root: string): void {
  const accounts = readAccounts(root, 'shadow');
  const normal = accounts.map((fields) => {
    const [name = '', password = '', , ...rest] = fields;
    return /^[!*]/.test(password) ? [name, password, '', ...rest] : fields;
  });
  const text = formatAccounts(normal);
  if (text !== formatAccounts(accounts)) writeFileSync(accountPath(root, 'shadow'), text);
}
