// What the sample host is like when it runs, by theme. One file of AVA's, so that all themes share one boot.

import './sample-host/boot.ts';
import './sample-host/files.ts';
import './sample-host/soft-reboot.ts';
import './sample-host/users.ts';
import './sample-host/network.ts';
import './sample-host/time.ts';
import './sample-host/containers.ts';
import './sample-host/fixture.ts';
