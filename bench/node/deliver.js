'use strict';
// deliver.js - the script that somebody would write in a day: fetch with connections kept alive, 16 calls in flight. script/bench
// deliver measures against it.
//
//     node deliver.js ORIGIN FILE      (the bearer token in ROLLCALL_BENCH_TOKEN; FILE as that of calls.c)
//     node deliver.js nothing          what a process costs by itself
const fs = require('fs');

const IN_FLIGHT = 16;

async function call(url, method, body, want) {
  const headers = { Accept: 'application/json', 'Content-Type': 'application/json', Authorization: `Bearer ${process.env.ROLLCALL_BENCH_TOKEN}` };
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const said = await answer.json();
  if (answer.status !== want) throw new Error(`${method} ${url}: status ${answer.status}: ${JSON.stringify(said)}`);
  return said;
}

async function inFlight(list, work) {
  let next = 0;
  const lane = async () => {
    while (next < list.length) await work(list[next++]);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

async function main(origin, file) {
  const accounts = fs.readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => {
    const [json, manager] = line.split('\t');
    return { body: JSON.parse(json), manager: Number(manager), id: 0 };
  });
  const began = process.hrtime.bigint();
  let calls = 0;
  await inFlight(accounts, async (a) => {
    a.id = (await call(`${origin}/v1/users`, 'POST', a.body, 201)).id;
    calls++;
  });
  await inFlight(accounts.filter((a) => a.manager > 0), async (a) => {
    const { email, firstName, lastName } = a.body;
    await call(`${origin}/v1/users/${a.id}`, 'GET', undefined, 200);
    calls++;
    await call(`${origin}/v1/users/${a.id}`, 'PUT', { email, firstName, lastName, managerId: accounts[a.manager - 1].id }, 200);
    calls++;
  });
  console.log(JSON.stringify({ accounts: accounts.length, calls, seconds: Number(process.hrtime.bigint() - began) / 1e9 }));
}

if (process.argv[2] !== 'nothing') main(process.argv[2], process.argv[3]).catch((why) => { console.error(why); process.exit(1); });
