// Works through a list with so many workers at once. The first failure is passed on when all workers have ended.

export async function inParallel<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  let stopped = false;
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && !stopped; item = queue.shift()) {
      try {
        await work(item);
      } catch (error) {
        stopped = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, worker);
  const failed = (await Promise.allSettled(workers)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
