// Stands in for the solver's child: says what it does, then dies by SIGSEGV, as a fault in libsolv makes it.

process.on('message', () => {
  process.send!({ type: 'stage', stage: 'reading', repo: 'rawhide' }, () => process.kill(process.pid, 'SIGSEGV'));
});
process.send!({ type: 'ready' });
