// Stands in for the solver's child: asks for metadata that cannot be had.

process.on('message', (message: { type: string }) => {
  if (message.type === 'job') process.send!({ type: 'need', repo: 'rawhide', record: 'primary' });
});
process.send!({ type: 'ready' });
