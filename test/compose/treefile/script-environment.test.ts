import test from 'ava';
import { scriptEnvironment } from '../../../compose/treefile/script-environment.ts';

test('scriptEnvironment() gives each variable a name that a shell can read', (t) => {
  t.deepEqual(scriptEnvironment({ stream: 'stable', debug: false, releasever: 40, 'x-y': 'unreadable' }), {
    SLIPWAY_VAR_stream: 'stable',
    SLIPWAY_VAR_debug: 'false',
    SLIPWAY_VAR_releasever: '40',
  });
});
