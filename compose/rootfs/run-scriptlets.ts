// Runs scriptlets inside the tree, one at a time and confined, or does again what they did when nothing that they look at has changed. One that
// fails ends the compose with its package, kind, exit status and what it said; of what the others say only warnings are shown, the rest at --debug.

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assertCouldWrite, isDiskFull } from '../../lib/disk-full.ts';
import { ToolError, UserError } from '../../lib/errors.ts';
import type { StepHandle } from '../../lib/events.ts';
import { inTree } from '../../lib/in-tree.ts';
import type { EngineContext } from '../context.ts';
import type { Scriptlet } from '../packages/scriptlets.ts';
import type { Treefile } from '../treefile/treefile.ts';
import { ignoredAs } from './refused-scriptlets.ts';
import type { RunTraced, ScriptletResults } from './results/scriptlets.ts';
import { type Sandbox, sandboxArgv } from './sandbox.ts';
import type { ScriptletRun } from './triggers.ts';

export interface ScriptletSetting {
  /** The merged tree. */
  readonly root: string;
  /** A folder outside of the tree for the scripts' text. */
  readonly folder: string;
  readonly results: ScriptletResults;
  /** Whose failures are warnings. */
  readonly ignored: Treefile['ignoreScriptlets'];
}

const luaRunner = '/usr/bin/rpm';
const scriptInside = '/run/slipway-scriptlet';

/** @returns how many need not run, because their results were known */
export async function runScriptlets(
  runs: readonly ScriptletRun[],
  setting: ScriptletSetting,
  context: EngineContext,
  step: StepHandle,
): Promise<number> {
  let reused = 0;
  for (const [index, each] of runs.entries()) {
    step.progress(index, runs.length, 'items');
    const ignored = ignoredAs(each.package, each.scriptlet.kind, setting.ignored);
    try {
      if (await runScriptlet(each, setting, context)) reused++;
    } catch (error) {
      if (ignored === undefined || !(error instanceof UserError) || isDiskFull(error)) throw error;
      context.events.warning(`${error.message}\n  ignored: ${ignored.reason}`);
    }
  }
  return reused;
}

async function runScriptlet(due: ScriptletRun, setting: ScriptletSetting, context: EngineContext): Promise<boolean> {
  const { scriptlet, input } = due;
  const title = `${scriptlet.kind} of ${due.package.nevra}`;
  assertSupported(scriptlet, title, setting.root);
  const program = scriptletProgram(due);
  const sandbox: Sandbox = {
    root: setting.root,
    writable: true,
    // The package's own time, not that of the compose: what a scriptlet writes must not change because another package is newer.
    environment: { SOURCE_DATE_EPOCH: String(due.package.buildTime) },
  };
  const execute = async (run: RunTraced): Promise<string> => {
    const file = join(setting.folder, 'scriptlet');
    await writeFile(file, scriptlet.script, { mode: 0o755 });
    const result = await run(sandboxArgv({ ...sandbox, readOnly: { [file]: scriptInside } }, program), input);
    const said = `${result.stdout}${result.stderr}`.trim();
    assertCouldWrite(said, title);
    return said;
  };
  try {
    const due = { title: `the ${title}`, sandbox, program, script: scriptlet.script, input };
    const { said, reused } = await setting.results.run(due, execute);
    passOn(said, title, context);
    return reused;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UserError('scriptlet-failed', `the ${title} failed ${ending(error)}${quoted(error.output)}`, {
      hint: 'exclude the package, take a release of it whose scriptlet works without a running system, or list it in ignore-scriptlets with the reason why it does no harm',
      cause: error,
    });
  }
}

/** Package scripts chat about what they do; only what they warn of is for everybody. */
function passOn(said: string, title: string, { events }: EngineContext): void {
  if (said === '') return;
  const warnings = said.split('\n').filter((line) => /\bwarning\b/i.test(line));
  if (warnings.length > 0) events.warning(`${title}: ${warnings.join('\n')}`);
  events.debug(`${title}: ${said}`);
}

function assertSupported(scriptlet: Scriptlet, title: string, root: string): void {
  if (scriptlet.expands) {
    throw new UserError(
      'scriptlet-unsupported',
      `the ${title} wants rpm to expand macros in it, which Slipway does not do`,
    );
  }
  if (scriptlet.interpreter[0] === '<lua>' && !existsSync(inTree(root, luaRunner))) {
    throw new UserError(
      'scriptlet-unsupported',
      `the ${title} is written in rpm's Lua, and the tree has no rpm to run it`,
      { hint: 'add rpm to packages, or list it in ignore-scriptlets with the reason why it does no harm' },
    );
  }
}

/** The program inside the tree that a scriptlet is. rpm's built-in Lua is run by the tree's own rpm. */
export function scriptletProgram({
  scriptlet,
  arguments: words,
}: Pick<ScriptletRun, 'scriptlet' | 'arguments'>): string[] {
  const [interpreter = '/bin/sh'] = scriptlet.interpreter;
  if (interpreter === '<lua>') {
    const body = `_G.arg = {[0]="<lua>", "${scriptInside}", ${words.join(', ')}} dofile("${scriptInside}")`;
    return [luaRunner, '--eval', `%{lua:${body}}`];
  }
  return scriptlet.script === '' ? [...scriptlet.interpreter] : [...scriptlet.interpreter, scriptInside, ...words];
}

function ending(error: ToolError): string {
  return error.exitCode === null ? `(${error.signal ?? 'unknown reason'})` : `with exit status ${error.exitCode}`;
}

function quoted(output: string): string {
  return output.trim() === '' ? ' and said nothing' : `:\n${output.trim().replaceAll(/^/gm, '    ')}`;
}
