// `test` of the themes in test/boot/sample-host: each test has a copy of the sample host, frozen once for all of them.

import { bootTest } from '../../../qemu/host/testing.ts';
import { sampleHost } from '../../support/sample-host.ts';
import { bootTimeoutMs, tools } from './machine.ts';

export const test = bootTest({ image: async () => (await sampleHost(tools)).image, bootTimeoutMs });
