// Enables the units that the treefile names, with the tree's own systemctl, so that [Install] sections, aliases and templates mean what
// they mean on the host.

import { ToolError, UserError } from '../../../lib/errors.ts';
import { run } from '../../../lib/run.ts';
import type { EngineContext } from '../../context.ts';
import { sandboxArgv } from '../sandbox.ts';

/** @throws UserError `units-not-enabled` with what systemctl says */
export async function enableUnits(root: string, units: readonly string[], context: EngineContext): Promise<void> {
  if (units.length === 0) return;
  try {
    await run(sandboxArgv({ root, writable: true }, ['systemctl', 'enable', '--quiet', ...units]), context.runOptions);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UserError('units-not-enabled', `the treefile's units cannot be enabled: ${error.output.trim()}`, {
      hint: 'check the names under units, and that the packages that bring them are named',
      cause: error,
    });
  }
}
