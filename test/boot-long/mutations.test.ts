// The check of the harness itself: every way to break an image must be found and named.

import test from 'ava';
import { testMutation } from '../boot/support/mutation-test.ts';
import { mutations } from '../boot/support/mutations.ts';

for (const mutation of mutations) testMutation(test, mutation);
