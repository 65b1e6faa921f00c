// rpm's own Lua for scriptlets that are written in it: that of the tree's rpm, else that of the build machine's, which is laid under /run
// with its libraries so that it needs nothing of the tree. Both see the tree as their root and are confined as all scriptlets are.

import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { baseEnvironment } from '../../lib/base-environment.ts';
import { sha256, stepId } from '../../lib/documents.ts';
import { UserError } from '../../lib/errors.ts';
import { inTree } from '../../lib/in-tree.ts';
import { type RunOptions, run } from '../../lib/run.ts';
import { interpreterOf } from './trace/interpreter.ts';
import type { ScriptletRun } from './triggers.ts';

/** A program inside the sandbox that takes a macro to expand as its last word, and what it needs there. */
export interface LuaRunner {
  readonly argv: readonly string[];
  /** Path outside -> path inside. */
  readonly readOnly: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

const treeRunner = '/usr/bin/rpm';

/**
 * The given function takes the title of a scriptlet for its message, and looks for the tree's rpm each time: a scriptlet may bring it.
 * @throws UserError `scriptlet-unsupported` when neither the tree nor this machine has an rpm with Lua
 */
export function luaRunners(root: string, options: RunOptions): (title: string) => Promise<LuaRunner> {
  let known: Promise<LuaRunner | null> | null = null;
  return async (title) => {
    if (existsSync(inTree(root, treeRunner))) return { argv: [treeRunner, '--eval'], readOnly: {}, environment: {} };
    known ??= builderRunner(options);
    const runner = await known;
    if (runner !== null) return runner;
    throw new UserError(
      'scriptlet-unsupported',
      `the ${title} is written in rpm's Lua, and neither the tree nor this machine has an rpm that can run it`,
      { hint: 'add rpm to packages, or list it in ignore-scriptlets with the reason why it does no harm' },
    );
  };
}

/**
 * The macro that runs a script as rpm does (lib/rpmscript.c): `arg` holds the interpreter's name and the numbers, the paths that set off a
 * file trigger come from `rpm.next_file()`. A macro keeps what Lua prints and drops it after an error, so `print` writes it at once.
 * @param script path inside the sandbox
 */
export function luaMacro(
  script: string,
  { arguments: words, input }: Pick<ScriptletRun, 'arguments' | 'input'>,
): string {
  const statements = [
    `_G.arg = {"<lua>", ${words.join(', ')}}`,
    'io.stdout:setvbuf("line")',
    'print = function(...) local words = table.pack(...) for at = 1, words.n do words[at] = tostring(words[at]) end io.stdout:write(table.concat(words, "\\t"), "\\n") end',
    ...(input === '' ? [] : ['rpm.next_file = function() return io.stdin:read("l") end']),
    `dofile("${script}")`,
  ];
  return `%{lua:${statements.join(' ')}}`;
}

/** Null when this machine's rpm has no Lua, or is no program whose loader can be told where its libraries are (ld.so(8)). */
async function builderRunner(options: RunOptions): Promise<LuaRunner | null> {
  const program = programOnPath('rpm', { ...baseEnvironment(), ...options.env }.PATH ?? '');
  const loader = program === null ? null : interpreterOf(await readFile(program));
  if (program === null || loader === null) return null;
  const asked = await run([program, '--eval', '%{lua:print(rpm.expand("%{_rpmconfigdir}"))}'], {
    ...options,
    okExitCodes: [0, 1],
  });
  const configuration = asked.stdout.trim();
  if (!existsSync(join(configuration, 'rpmrc'))) return null;
  const listed = await run([loader, '--list', program], options);
  const libraries = [...listed.stdout.matchAll(/=> (\/\S+)/g)].map(([, path = '']) => path);
  const programs = [program, loader, ...libraries];
  // Part of what results of scriptlets are known by: another rpm gives new ones.
  const folder = `/run/slipway-rpm-${(await contentId([...programs, ...filesBelow(configuration)])).slice(0, 16)}`;
  const inside = (path: string): string => join(folder, basename(path));
  return {
    argv: [inside(loader), '--inhibit-cache', '--library-path', folder, inside(program), '--eval'],
    readOnly: {
      ...Object.fromEntries(programs.map((path) => [path, inside(path)])),
      [configuration]: join(folder, 'configuration'),
    },
    environment: { RPM_CONFIGDIR: join(folder, 'configuration') },
  };
}

function programOnPath(name: string, path: string): string | null {
  const places = path.split(':').map((folder) => join(folder, name));
  return places.find((place) => existsSync(place)) ?? null;
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

async function contentId(paths: readonly string[]): Promise<string> {
  const digests = await Promise.all(paths.map(async (path) => [path, sha256(await readFile(path))]));
  return stepId('lua-runner', Object.fromEntries(digests));
}
