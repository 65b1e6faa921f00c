// Runs scriptlets inside the tree, one at a time and confined, or does again what they did when nothing that they look at has changed. One that
// fails ends the compose with its package, kind, exit status and what it said; of what the others say only warnings are shown, the rest at --debug.
// The whole output of each is kept in a file, also when its result was known.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assertCouldWrite, isDiskFull } from '../../lib/disk-full.ts';
import { ToolError, UserError } from '../../lib/errors.ts';
import type { StepHandle } from '../../lib/events.ts';
import type { EngineContext } from '../context.ts';
import type { Scriptlet } from '../packages/scriptlets.ts';
import type { Treefile } from '../treefile/treefile.ts';
import { type LuaRunner, luaMacro, luaRunners } from './lua.ts';
import { ignoredAs } from './refused-scriptlets.ts';
import type { RunTraced, ScriptletResults } from './results/scriptlets.ts';
import { type Sandbox, sandboxArgv } from './sandbox.ts';
import type { ScriptletOutputs } from './scriptlet-output.ts';
import type { ScriptletRun } from './triggers.ts';

export interface ScriptletSetting {
  /** The merged tree. */
  readonly root: string;
  /** A folder outside of the tree for the scripts' text. */
  readonly folder: string;
  readonly results: ScriptletResults;
  readonly outputs: ScriptletOutputs;
  /** Whose failures are warnings. */
  readonly ignored: Treefile['ignoreScriptlets'];
}

const scriptInside = '/run/slipway-scriptlet';

/** Tells scripts that the system is made for OSTree, as on a host and with rpm-ostree. */
const ostreeMark = 'ostree-booted';
const ostreeMarkInside = `/run/${ostreeMark}`;

/** @returns how many need not run, because their results were known */
export async function runScriptlets(
  runs: readonly ScriptletRun[],
  setting: ScriptletSetting,
  context: EngineContext,
  step: StepHandle,
): Promise<number> {
  const luaFor = luaRunners(setting.root, context.runOptions);
  let reused = 0;
  for (const [index, each] of runs.entries()) {
    step.progress(index, runs.length, 'items');
    const ignored = ignoredAs(each.package, each.scriptlet.kind, setting.ignored);
    try {
      if (await runScriptlet(each, luaFor, setting, context)) reused++;
    } catch (error) {
      if (ignored === undefined || !(error instanceof UserError) || isDiskFull(error)) throw error;
      context.events.warning(`${error.message}\n  ignored: ${ignored.reason}`);
    }
  }
  return reused;
}

async function runScriptlet(
  due: ScriptletRun,
  luaFor: ReturnType<typeof luaRunners>,
  setting: ScriptletSetting,
  context: EngineContext,
): Promise<boolean> {
  const { scriptlet, input } = due;
  const title = `${scriptlet.kind} of ${due.package.nevra}`;
  assertSupported(scriptlet, title);
  const lua = scriptlet.interpreter[0] === '<lua>' ? await luaFor(title) : null;
  const program = scriptletProgram(due, lua);
  const sandbox: Sandbox = {
    root: setting.root,
    writable: true,
    // The package's own time, not that of the compose: what a scriptlet writes must not change because another package is newer.
    environment: { SOURCE_DATE_EPOCH: String(due.package.buildTime), ...lua?.environment },
    readOnly: { ...lua?.readOnly, [ostreeMark]: ostreeMarkInside },
  };
  const output = setting.outputs.nextFile(due);
  const execute = async (run: RunTraced): Promise<string> => {
    const file = join(setting.folder, 'scriptlet');
    const mark = join(setting.folder, ostreeMark);
    await Promise.all([writeFile(file, scriptlet.script, { mode: 0o755 }), writeFile(mark, '')]);
    const readOnly = { ...lua?.readOnly, [mark]: ostreeMarkInside, [file]: scriptInside };
    await run(sandboxArgv({ ...sandbox, readOnly }, program), { logFile: output, ...(input === '' ? {} : { input }) });
    const said = (await readFile(output, 'utf8')).trim();
    assertCouldWrite(said, title);
    return said;
  };
  try {
    const due = { title: `the ${title}`, sandbox, program, script: scriptlet.script, input };
    const { said, reused } = await setting.results.run(due, execute);
    if (reused) await writeFile(output, said === '' ? '' : `${said}\n`);
    passOn(said, title, context);
    return reused;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UserError('scriptlet-failed', `the ${title} failed ${ending(error)}${quoted(error.output)}`, {
      hint: `exclude the package, take a release of it whose scriptlet works without a running system, or list it in ignore-scriptlets with the reason why it does no harm; all that it said is in ${output}`,
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

function assertSupported(scriptlet: Scriptlet, title: string): void {
  if (!scriptlet.expands) return;
  throw new UserError(
    'scriptlet-unsupported',
    `the ${title} wants rpm to expand macros in it, which Slipway does not do`,
  );
}

/** The program inside the tree that a scriptlet is. @param lua for those in rpm's Lua */
export function scriptletProgram(
  due: Pick<ScriptletRun, 'scriptlet' | 'arguments' | 'input'>,
  lua: LuaRunner | null,
): string[] {
  const { script, interpreter } = due.scriptlet;
  if (lua !== null) return [...lua.argv, luaMacro(scriptInside, due)];
  return script === '' ? [...interpreter] : [...interpreter, scriptInside, ...due.arguments];
}

function ending(error: ToolError): string {
  return error.exitCode === null ? `(${error.signal ?? 'unknown reason'})` : `with exit status ${error.exitCode}`;
}

function quoted(output: string): string {
  return output.trim() === '' ? ' and said nothing' : `:\n${output.trim().replaceAll(/^/gm, '    ')}`;
}
