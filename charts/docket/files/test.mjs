// Run by `helm test`: the dashboard and its API answer, and what is not signed by Discord is refused.
const { API, INTERACTIONS } = process.env;
const failures = [];

async function expect(what, url, wanted, init) {
  try {
    const { status } = await fetch(url, { ...init, signal: AbortSignal.timeout(5_000) });
    if (status !== wanted) failures.push(`${what} answered ${status} instead of ${wanted}`);
  } catch (error) {
    failures.push(`${what} did not answer: ${error.cause?.code ?? error.message}`);
  }
}

await expect('the web app', `${API}/`, 200);
await expect('the API', `${API}/api/openapi.json`, 200);
await expect('a page for people who are not signed in', `${API}/api/guilds`, 401);
if (INTERACTIONS) {
  const unsigned = { method: 'POST', body: '{"type":1}', headers: { 'content-type': 'application/json' } };
  await expect('an interaction without a signature', `${INTERACTIONS}/interactions`, 401, unsigned);
}
for (const failure of failures) console.error(failure);
process.exit(failures.length > 0 ? 1 : 0);
