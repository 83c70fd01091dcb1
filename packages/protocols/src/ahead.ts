/** Makes the next chunk while the last one is being sent. */
export async function* ahead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  const take = () => {
    const next = source.next();
    next.catch(() => {}); // seen by the await of the next turn
    return next;
  };
  for (let next = take(); ; ) {
    const { done, value } = await next;
    if (done === true) return;
    next = take();
    yield value;
  }
}
