import { readFileSync } from 'node:fs';
import test from 'ava';
import { interpreterOf } from '../../../../compose/rootfs/trace/interpreter.ts';
import { run } from '../../../../lib/run.ts';

for (const [start, interpreter] of [
  ['#!/bin/sh\necho\n', '/bin/sh'],
  ['#! /usr/bin/env -S python3 -u\n', '/usr/bin/env'],
  ['#!\n', null],
  ['echo without a first line\n', null],
  ['', null],
] as const) {
  test(`interpreterOf() ${JSON.stringify(start)}`, (t) => {
    t.is(interpreterOf(Buffer.from(start)), interpreter);
  });
}

test("interpreterOf() names the loader of this machine's programs, as file(1) of readelf does", async (t) => {
  const { stdout } = await run(['readelf', '--program-headers', process.execPath]);
  const loader = /Requesting program interpreter: (.*)\]/.exec(stdout)?.[1];
  t.is(interpreterOf(readFileSync(process.execPath).subarray(0, 4096)), loader ?? null);
});
