// A command line that cannot be understood: exit status 2, with the nearest name and where to read on.

import { UserError } from '../lib/errors.ts';

export class UsageError extends UserError {
  constructor(message: string, hint: string) {
    super('usage', message, { hint });
    this.name = 'UsageError';
  }
}
