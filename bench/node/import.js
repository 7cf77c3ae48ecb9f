'use strict';
// import.js - the careful script that an importer written in a day would be: one connection kept alive, the next page asked for
// before the current one is worked on, prepared upserts, one transaction a page. script/bench import measures against it.
//
//     node import.js ORIGIN QUERY DATABASE      (the bearer token in ROLLCALL_BENCH_TOKEN)
//     node import.js nothing                    what a process costs by itself
//
// It keeps the same columns of a person as bound.c and rollcall, under the ascending id. The last line is JSON as bound.c's.
const http = require('http');
const Database = require('better-sqlite3');

const PAGE_PEOPLE = 100;
const DIGEST = Buffer.alloc(16);

function fetchPage(agent, origin, query, offset) {
  const headers = { Accept: 'application/json', Authorization: `Bearer ${process.env.ROLLCALL_BENCH_TOKEN}` };
  const url = `${origin}/v1/company/employees?limit=${PAGE_PEOPLE}&offset=${offset}&${query}`;
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent, headers }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode !== 200) reject(new Error(`at row ${offset}: status ${answer.statusCode}`));
        else resolve(Buffer.concat(chunks));
      });
    });
    request.on('error', reject);
  });
}

function openTable(path) {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.exec(`CREATE TABLE IF NOT EXISTS person (user_id INTEGER PRIMARY KEY, company_id BIGINT NOT NULL, run_id BIGINT NOT NULL,
    base_run_id BIGINT, integration_id BIGINT NOT NULL, source_id TEXT NOT NULL, read_at BIGINT NOT NULL,
    presence TEXT NOT NULL, employee TEXT NOT NULL, person TEXT NOT NULL, employee_digest BLOB NOT NULL,
    user_digest BLOB NOT NULL, email TEXT, manager TEXT, team TEXT, problems BIGINT NOT NULL, has_left BIGINT NOT NULL,
    left_out BIGINT NOT NULL)`);
  const upsert = db.prepare(`INSERT INTO person VALUES (?,1,1,NULL,1,?,?,'listed',?,?,?,?,?,?,?,0,0,0)
    ON CONFLICT (user_id) DO UPDATE SET run_id = excluded.run_id, base_run_id = excluded.base_run_id,
    read_at = excluded.read_at, presence = excluded.presence, employee = excluded.employee, person = excluded.person,
    employee_digest = excluded.employee_digest, user_digest = excluded.user_digest, email = excluded.email,
    manager = excluded.manager, team = excluded.team, problems = excluded.problems, has_left = excluded.has_left,
    left_out = excluded.left_out`);
  return { db, upsert };
}

const day = (s) => (s ? s.slice(0, 10) : null);

function putPerson(upsert, row, readAt) {
  const a = row.attributes;
  const sourceId = String(a.id.value);
  const supervisor = a.supervisor.value;
  const manager = supervisor ? String(supervisor.attributes.id.value) : null;
  const department = a.department.value;
  const departmentId = department ? String(department.attributes.id) : null;
  const team = departmentId ? `department:${departmentId}` : null;
  const office = a.office.value;
  const hireDate = day(a.hire_date.value);
  const leaveDate = day(a.termination_date.value);
  const employee = JSON.stringify({
    source_id: sourceId,
    first_name: a.first_name.value,
    last_name: a.last_name.value,
    email: a.email.value,
    status: a.status.value,
    job_title: a.position.value,
    supervisor: manager,
    department: departmentId && { id: departmentId },
    office: office && { id: String(office.attributes.id), name: office.attributes.name },
    hire_date: hireDate,
    termination_date: leaveDate,
    avatar: a.profile_picture.value,
  });
  const person = JSON.stringify({
    first_name: a.first_name.value,
    last_name: a.last_name.value,
    email: a.email.value,
    job_title: a.position.value,
    avatar: a.profile_picture.value,
    primary_location: office && office.attributes.name,
    primary_team: team,
    manager,
    hire_date: hireDate,
    leave_date: leaveDate,
    status: a.status.value,
  });
  upsert.run(a.id.value, sourceId, readAt, employee, person, DIGEST, DIGEST, a.email.value, manager, team);
}

async function main(origin, query, path) {
  const began = process.hrtime.bigint();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
  const { db, upsert } = openTable(path);
  const putPage = db.transaction((rows) => {
    const readAt = Date.now() * 1000;
    for (const row of rows) putPerson(upsert, row, readAt);
  });
  let people = 0;
  let pages = 0;
  let bytes = 0;
  let next = fetchPage(agent, origin, query, 0);
  for (;;) {
    const body = await next;
    pages += 1;
    bytes += body.length;
    const rows = JSON.parse(body.toString('utf8')).data;
    if (rows.length === 0) break;
    next = fetchPage(agent, origin, query, people + rows.length);
    next.catch(() => {}); // reported where it is awaited
    await new Promise(setImmediate); // the request leaves before the work begins
    putPage(rows);
    people += rows.length;
  }
  db.close();
  agent.destroy();
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  console.log(JSON.stringify({ people, pages, bytes, seconds }));
}

if (process.argv.length === 5) {
  main(...process.argv.slice(2)).catch((why) => {
    console.error(`import.js: ${why.message}`);
    process.exit(1);
  });
} else if (process.argv[2] !== 'nothing') {
  console.error('usage: node import.js ORIGIN QUERY DATABASE');
  process.exit(2);
}
