/**
 * Open pages for bench/dashboard.ts, in a separate process as browsers are. Like the real page, each requests its data
 * when the stream of events says hello or that the data has changed. A message sets the number of open pages; it is
 * answered with how many times data has come since the last message.
 */
const [url = ''] = process.argv.slice(2);
const view = '/runs/bench.iteration-1';
let gone = new AbortController();
let answered = 0;

async function openPage(signal: AbortSignal): Promise<void> {
  const events = await fetch(new URL(`/api/events?of=${view}`, url), { signal });
  const decoder = new TextDecoder();
  for await (const chunk of events.body ?? []) {
    if (!/event: (hello|changed)/.test(decoder.decode(chunk, { stream: true }))) continue;
    await (await fetch(new URL(`/api${view}`, url), { signal })).json();
    answered += 1;
  }
}

process.on('message', (pages: number) => {
  gone.abort();
  gone = new AbortController();
  process.send?.(answered);
  answered = 0;
  for (let page = 0; page < pages; page += 1) openPage(gone.signal).catch(() => {});
});
