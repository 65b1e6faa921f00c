// The tree of all commands. A command's module is loaded only when it is called, so that start-up stays quick.

import { join } from 'node:path';
import { cacheDirectory } from '../lib/cache.ts';
import type { Command } from './command.ts';

export interface CommandRow {
  /** Name and positionals as yargs writes them: `tree <treefile>`. */
  readonly usage: string;
  readonly describe: string;
  readonly load: () => Promise<{ readonly command: Command }>;
  /** Starts what takes its time and is surely needed, before the command line is parsed. */
  readonly begin?: (args: readonly string[]) => Promise<void>;
}

export interface CommandGroup {
  readonly usage: string;
  readonly describe: string;
  readonly commands: readonly (CommandRow | CommandGroup)[];
}

export const commandTree: CommandGroup = {
  usage: 'slipway',
  describe: 'Compose RPMs into OSTree commits, build host images from them and prove them by booting',
  commands: [
    {
      usage: 'compose',
      describe: 'Make commits out of treefiles, compare, sign and publish them',
      commands: [
        {
          usage: 'tree <treefile>',
          describe: 'Compose a treefile into a commit',
          load: () => import('./commands/compose/tree.ts'),
          begin: async (args) => {
            if (args.includes('--help') || args.includes('--print-only')) return;
            const { startSolverEarly } = await import('../compose/resolve/solv/solver-process.ts');
            const otherCache = args.some((arg) => arg.startsWith('--cachedir'));
            startSolverEarly(otherCache ? undefined : join(cacheDirectory(), 'solv'));
          },
        },
        {
          usage: 'publish',
          describe: 'Publish a commit in an archive repository, signed, for web servers',
          load: () => import('./commands/compose/publish.ts'),
        },
        {
          usage: 'verify-signature <commit>',
          describe: 'Check the signatures of a commit and of its repository',
          load: () => import('./commands/compose/verify-signature.ts'),
        },
        {
          usage: 'diff <before> <after>',
          describe: 'Say what an update from one commit to another brings',
          load: () => import('./commands/compose/diff.ts'),
        },
        {
          usage: 'verify <commit>',
          describe: 'Make a commit again and compare',
          load: () => import('./commands/compose/verify.ts'),
        },
        {
          usage: 'sbom <commit>',
          describe: 'Print the bill of materials of a commit',
          load: () => import('./commands/compose/sbom.ts'),
        },
        {
          usage: 'provenance <commit>',
          describe: 'Print how a commit was made, as a SLSA statement',
          load: () => import('./commands/compose/provenance.ts'),
        },
        {
          usage: 'history',
          describe: 'List the commits of a ref',
          load: () => import('./commands/compose/history.ts'),
        },
        {
          usage: 'promote <commit>',
          describe: 'Give the same commit another ref, without rebuilding',
          load: () => import('./commands/compose/promote.ts'),
        },
        {
          usage: 'prune',
          describe: 'Remove old commits from a repository',
          load: () => import('./commands/compose/prune.ts'),
        },
      ],
    },
    {
      usage: 'treefile',
      describe: 'Read, check and explain treefiles',
      commands: [
        {
          usage: 'show <treefile>',
          describe: 'Merge a treefile with all its includes and print the result',
          load: () => import('./commands/treefile/show.ts'),
        },
        {
          usage: 'explain <treefile> <subject>',
          describe: 'Say where a value comes from, or why a package is in',
          load: () => import('./commands/treefile/explain.ts'),
        },
        {
          usage: 'lint <treefiles..>',
          describe: 'Find problems and smells in treefiles',
          load: () => import('./commands/treefile/lint.ts'),
        },
        {
          usage: 'graph <treefile>',
          describe: 'Draw what includes what',
          load: () => import('./commands/treefile/graph.ts'),
        },
        {
          usage: 'diff <before> <after>',
          describe: 'Compare two treefiles after merging',
          load: () => import('./commands/treefile/diff.ts'),
        },
        {
          usage: 'fmt <treefiles..>',
          describe: 'Bring treefiles into one layout, with their comments',
          load: () => import('./commands/treefile/fmt.ts'),
        },
        {
          usage: 'schema',
          describe: 'Print the JSON Schema of treefiles, for editors',
          load: () => import('./commands/treefile/schema.ts'),
        },
      ],
    },
    {
      usage: 'images',
      describe: 'Make disk images and container images out of commits',
      commands: [
        {
          usage: 'build',
          describe: 'Write a commit as disk images that boot under BIOS and UEFI, or as a container image',
          load: () => import('./commands/images/build.ts'),
        },
        {
          usage: 'push <image> <destination>',
          describe: 'Send a container image to a registry, to container storage or into another layout',
          load: () => import('./commands/images/push.ts'),
        },
      ],
    },
    {
      usage: 'qemu',
      describe: 'Boot images in QEMU',
      commands: [
        {
          usage: 'run <image>',
          describe: 'Run an image with its console on this terminal',
          load: () => import('./commands/qemu/run.ts'),
        },
        {
          usage: 'test <image>',
          describe: 'Boot an image and judge it by its own verdict',
          load: () => import('./commands/qemu/test.ts'),
        },
        {
          usage: 'list',
          describe: 'List the machines that run',
          load: () => import('./commands/qemu/list.ts'),
        },
        {
          usage: 'ssh [name] [command..]',
          describe: 'Enter a machine that runs',
          load: () => import('./commands/qemu/ssh.ts'),
        },
        {
          usage: 'console [name]',
          describe: 'Follow the console of a machine that runs',
          load: () => import('./commands/qemu/console.ts'),
        },
        {
          usage: 'screenshot <file> [name]',
          describe: 'Write the screen of a machine that runs into a file',
          load: () => import('./commands/qemu/screenshot.ts'),
        },
        {
          usage: 'kill [name]',
          describe: 'End a machine that runs',
          load: () => import('./commands/qemu/kill.ts'),
        },
      ],
    },
    {
      usage: 'test',
      describe: 'Prove an image by tests that run inside it',
      commands: [
        {
          usage: 'run <image>',
          describe: 'Run external tests, each in a machine of its own restored from a snapshot',
          load: () => import('./commands/test/run.ts'),
        },
        {
          usage: 'watch <image>',
          describe: 'Run tests again whenever their files change, on machines that stay frozen',
          load: () => import('./commands/test/watch.ts'),
        },
        {
          usage: 'list',
          describe: 'List the tests of a folder',
          load: () => import('./commands/test/list.ts'),
        },
        {
          usage: 'new <name>',
          describe: 'Write the skeleton of a test',
          load: () => import('./commands/test/new.ts'),
        },
      ],
    },
    {
      usage: 'host [command]',
      describe: 'In a host: show, upgrade and roll back its deployments',
      load: () => import('./commands/host.ts'),
    },
    {
      usage: 'serve <folder>',
      describe: 'Serve a published repository over HTTP',
      load: () => import('./commands/serve.ts'),
    },
    {
      usage: 'demo',
      describe: 'Compose, build and boot a host of the sample distribution',
      load: () => import('./commands/demo.ts'),
    },
    {
      usage: 'cache',
      describe: 'Look after the package cache',
      commands: [
        {
          usage: 'show',
          describe: 'Show what the package cache holds',
          load: () => import('./commands/cache/show.ts'),
        },
        {
          usage: 'verify',
          describe: 'Check every cached file against its checksum',
          load: () => import('./commands/cache/verify.ts'),
        },
        {
          usage: 'gc',
          describe: 'Remove what no compose has used for long',
          load: () => import('./commands/cache/gc.ts'),
        },
      ],
    },
    {
      usage: 'doctor',
      describe: 'Check that this machine has what Slipway needs',
      load: () => import('./commands/doctor.ts'),
    },
    {
      usage: 'self-test',
      describe: 'Run all tests of this checkout',
      load: () => import('./commands/self-test.ts'),
    },
    {
      usage: 'completion',
      describe: 'Print the completion script for your shell',
      load: () => import('./commands/completion.ts'),
    },
  ],
};

/** The first word of the usage. */
export function nameOf(row: CommandRow | CommandGroup): string {
  return row.usage.split(' ')[0]!;
}

export function isGroup(row: CommandRow | CommandGroup): row is CommandGroup {
  return 'commands' in row;
}
