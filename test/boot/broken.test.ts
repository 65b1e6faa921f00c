// Images that are broken must be refused quickly and with the right words: the two that say most. All of them: test/boot-long/mutations.test.ts.

import test from 'ava';
import { testMutation } from './support/mutation-test.ts';
import { mutationsNamed } from './support/mutations.ts';

for (const mutation of mutationsNamed('the initramfs is corrupt', 'a unit fails')) testMutation(test, mutation);
