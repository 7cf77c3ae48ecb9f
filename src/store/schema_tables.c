/* The tables on the way of a person from HR to a platform, as they were first.
 *
 * Primary keys begin with the company, as does every foreign key. Ids come from company.next_id,
 * ascending, so that a first import appends. Times are microseconds since 1970 UTC. JSON columns
 * are described where they are written. Rows that are narrow and read in the order of their key are
 * kept in it (@CLUSTERED); wide ones, with their JSON, are appended. */
#include "store/schema_p.h"

const char schema_1[] =
    "CREATE TABLE company ("
    " company_id BIGINT NOT NULL PRIMARY KEY,"
    " key @TEXT NOT NULL UNIQUE,"
    " name @TEXT NOT NULL,"
    " zone @TEXT NOT NULL," /* says when a day begins */
    " next_id BIGINT NOT NULL,"
    " next_run BIGINT NOT NULL," /* people type these */
    " created_at BIGINT NOT NULL);"

    "CREATE TABLE integration ("
    " company_id BIGINT NOT NULL REFERENCES company (company_id),"
    " integration_id BIGINT NOT NULL,"
    " key @TEXT NOT NULL,"
    " source @TEXT NOT NULL,"
    " settings @TEXT NOT NULL,"  /* JSON object, without secrets */
    " secrets BYTEA,"            /* JSON object, sealed */
    " team_from @TEXT NOT NULL," /* the mapping, as long as there is only this choice */
    " limits @TEXT," /* JSON object of the guard's limits that differ from the usual; null: none */
    " rights @TEXT," /* what the credential could read at the last applied full listing */
    " mapping_fingerprint BIGINT,"
    " listed_at BIGINT," /* when the last applied full listing began */
    " pinned @TEXT," /* the settings as of then: with others, everybody must be listed before anybody is read alone */
    " created_at BIGINT NOT NULL,"
    " PRIMARY KEY (company_id, integration_id),"
    " UNIQUE (company_id, key));"

    "CREATE TABLE destination ("
    " company_id BIGINT NOT NULL REFERENCES company (company_id),"
    " destination_id BIGINT NOT NULL,"
    " key @TEXT NOT NULL,"
    " adapter @TEXT NOT NULL,"
    " prefix @TEXT NOT NULL,"   /* of the external ids that it gives */
    " caps @TEXT,"              /* JSON object: what the platform said last that it can do */
    " settings @TEXT NOT NULL," /* JSON object, without secrets */
    " secrets BYTEA,"           /* JSON object, sealed */
    " policy @TEXT," /* JSON object of the settings that differ from the usual; null: none */
    " limits @TEXT," /* likewise of the guard's limits */
    " paused_at BIGINT,"
    " paused_by @TEXT,"
    " paused_why @TEXT,"
    " listed_at BIGINT,"    /* when the last complete inventory began */
    " delivered_at BIGINT," /* when the first delivery ended */
    " created_at BIGINT NOT NULL,"
    " PRIMARY KEY (company_id, destination_id),"
    " UNIQUE (company_id, key));"

    "CREATE TABLE run ("
    " company_id BIGINT NOT NULL,"
    " run_id BIGINT NOT NULL,"
    " subject_id BIGINT NOT NULL," /* the integration, or the destination: at most one run under way, one held */
    " integration_id BIGINT,"
    " destination_id BIGINT,"
    " kind @TEXT NOT NULL,"
    " state @TEXT NOT NULL,"
    " preview BIGINT NOT NULL,"
    " started_at BIGINT NOT NULL,"
    " ended_at BIGINT,"
    " applied_at BIGINT,"
    " approved BIGINT NOT NULL," /* 1: a person said yes, and it does not count in the guard's windows */
    " population BIGINT NOT NULL," /* people employed or expected in the directory before it */
    " stage_digest BYTEA,"
    " proof @TEXT,"   /* JSON: what the listing showed */
    " counts @TEXT,"  /* JSON: people per class, and per kind */
    " verdict @TEXT," /* JSON: which limits held it, and why */
    " rights @TEXT,"
    " reason @TEXT," /* of the state: a sentence */
    " decided_by @TEXT,"
    " decided_because @TEXT,"
    " other_run BIGINT," /* the run that it supersedes, or that supersedes it */
    " PRIMARY KEY (company_id, run_id),"
    " FOREIGN KEY (company_id, integration_id) REFERENCES integration (company_id, integration_id),"
    " FOREIGN KEY (company_id, destination_id) REFERENCES destination (company_id, destination_id));"
    "CREATE UNIQUE INDEX run_under_way ON run (company_id, subject_id)"
    " WHERE state IN ('listing', 'checking', 'passed');"
    "CREATE UNIQUE INDEX run_held ON run (company_id, subject_id) WHERE state = 'held';"
    "CREATE INDEX run_applied ON run (company_id, subject_id, applied_at);";

const char schema_2[] =
    /* One state of one person. Stage and history are the same table: a version is current when
     * user.run_id names its run. */
    "CREATE TABLE version ("
    " company_id BIGINT NOT NULL,"
    " run_id BIGINT NOT NULL,"
    " user_id BIGINT NOT NULL,"
    " base_run_id BIGINT," /* the version that this one was compared with; null: a joiner */
    " integration_id BIGINT NOT NULL,"
    " source_id @TEXT NOT NULL,"
    " read_at BIGINT NOT NULL,"
    " presence @TEXT NOT NULL,"
    " employee @TEXT NOT NULL,"
    " person @TEXT NOT NULL,"
    " employee_digest BYTEA NOT NULL,"
    " user_digest BYTEA NOT NULL,"
    " email @TEXT,"
    " manager @TEXT,"
    " team @TEXT,"
    " problems BIGINT NOT NULL,"
    " has_left BIGINT NOT NULL," /* 1: no longer counted in the population; as of read_at */
    " left_out BIGINT NOT NULL,"
    " PRIMARY KEY (company_id, run_id, user_id),"
    " FOREIGN KEY (company_id, run_id) REFERENCES run (company_id, run_id));"

    "CREATE TABLE \"user\" ("
    " company_id BIGINT NOT NULL,"
    " user_id BIGINT NOT NULL,"
    " integration_id BIGINT NOT NULL,"
    " source_id @TEXT NOT NULL,"
    " run_id BIGINT NOT NULL," /* the current version */
    " presence @TEXT NOT NULL,"
    " employee_digest BYTEA NOT NULL,"
    " user_digest BYTEA NOT NULL,"
    " read_at BIGINT NOT NULL,"
    " email @TEXT,"   /* folded */
    " manager @TEXT," /* source id */
    " team @TEXT,"    /* team key */
    " problems BIGINT NOT NULL,"
    " has_left BIGINT NOT NULL,"
    " PRIMARY KEY (company_id, user_id),"
    " FOREIGN KEY (company_id, integration_id) REFERENCES integration (company_id, integration_id)) @CLUSTERED;"
    "CREATE UNIQUE INDEX user_source ON \"user\" (company_id, integration_id, source_id);"
    "CREATE INDEX user_email ON \"user\" (company_id, email, has_left);"
    "CREATE INDEX user_problems ON \"user\" (company_id, integration_id, presence, problems) WHERE problems <> 0;"

    /* Written with the version and, like it, true once the run is applied. */
    "CREATE TABLE change ("
    " company_id BIGINT NOT NULL,"
    " run_id BIGINT NOT NULL,"
    " user_id BIGINT NOT NULL,"
    " field @TEXT NOT NULL,"
    " old_value @TEXT,"
    " new_value @TEXT,"
    " class @TEXT NOT NULL,"
    " rule @TEXT NOT NULL,"
    " PRIMARY KEY (company_id, run_id, user_id, field),"
    " FOREIGN KEY (company_id, run_id) REFERENCES run (company_id, run_id)) @CLUSTERED;"
    "CREATE INDEX change_person ON change (company_id, user_id) WHERE field <> '*';"

    "CREATE TABLE team ("
    " company_id BIGINT NOT NULL,"
    " team_id BIGINT NOT NULL,"
    " integration_id BIGINT NOT NULL,"
    " key @TEXT NOT NULL,"
    " kind @TEXT NOT NULL,"
    " hr_id @TEXT,"
    " name @TEXT NOT NULL,"
    " PRIMARY KEY (company_id, team_id),"
    " FOREIGN KEY (company_id, integration_id) REFERENCES integration (company_id, integration_id));"
    "CREATE UNIQUE INDEX team_key ON team (company_id, integration_id, key);";

const char schema_3[] =
    /* Names of teams as one run saw them, where new or different. */
    "CREATE TABLE team_version ("
    " company_id BIGINT NOT NULL,"
    " run_id BIGINT NOT NULL,"
    " key @TEXT NOT NULL,"
    " team_id BIGINT NOT NULL,"
    " kind @TEXT NOT NULL,"
    " hr_id @TEXT,"
    " name @TEXT NOT NULL,"
    " PRIMARY KEY (company_id, run_id, key),"
    " FOREIGN KEY (company_id, run_id) REFERENCES run (company_id, run_id));"

    "CREATE TABLE unsettled ("
    " company_id BIGINT NOT NULL,"
    " integration_id BIGINT NOT NULL,"
    " user_id BIGINT NOT NULL,"
    " since_us BIGINT NOT NULL,"
    " run_id BIGINT NOT NULL," /* the last that met the person so */
    " PRIMARY KEY (company_id, integration_id, user_id),"
    " FOREIGN KEY (company_id, integration_id) REFERENCES integration (company_id, integration_id));"

    /* Outside the tenant key. A row is held by one owner until a time; its fence grows with each
     * owner. */
    "CREATE TABLE job ("
    " kind @TEXT NOT NULL,"
    " subject @TEXT NOT NULL,"
    " owner @TEXT,"
    " until_us BIGINT NOT NULL,"
    " fence BIGINT NOT NULL,"
    " PRIMARY KEY (kind, subject));"

    "CREATE TABLE audit ("
    " company_id BIGINT NOT NULL,"
    " audit_id BIGINT NOT NULL,"
    " at_us BIGINT NOT NULL,"
    " who @TEXT NOT NULL,"
    " what @TEXT NOT NULL,"
    " PRIMARY KEY (company_id, audit_id),"
    " FOREIGN KEY (company_id) REFERENCES company (company_id));";

const char schema_4[] =
    /* Numbered from 1 in each integration; without an active one the default counts. */
    "CREATE TABLE mapping ("
    " company_id BIGINT NOT NULL,"
    " integration_id BIGINT NOT NULL,"
    " mapping_id BIGINT NOT NULL,"
    " state @TEXT NOT NULL,"
    " source @TEXT," /* as it was written; null: nothing but defaults */
    " made_by @TEXT,"
    " note @TEXT,"
    " made_at BIGINT NOT NULL,"
    " activated_at BIGINT,"
    " PRIMARY KEY (company_id, integration_id, mapping_id),"
    " FOREIGN KEY (company_id, integration_id) REFERENCES integration (company_id, integration_id));"
    "CREATE UNIQUE INDEX mapping_active ON mapping (company_id, integration_id) WHERE state = 'active';"
    "ALTER TABLE run ADD COLUMN mapping_id BIGINT;"; /* what it activates once applied; null: nothing */

const char schema_5[] =
    /* Which integrations feed a destination, in which order. */
    "CREATE TABLE feed ("
    " company_id BIGINT NOT NULL,"
    " destination_id BIGINT NOT NULL,"
    " integration_id BIGINT NOT NULL,"
    " place BIGINT NOT NULL,"
    " PRIMARY KEY (company_id, destination_id, integration_id),"
    " FOREIGN KEY (company_id, destination_id) REFERENCES destination (company_id, destination_id),"
    " FOREIGN KEY (company_id, integration_id) REFERENCES integration (company_id, integration_id));"

    /* What a platform has shown, and those users who have no account there yet. */
    "CREATE TABLE account ("
    " company_id BIGINT NOT NULL,"
    " account_id BIGINT NOT NULL,"
    " destination_id BIGINT NOT NULL,"
    " user_id BIGINT,"    /* null: nobody's that we know */
    " remote_id @TEXT,"   /* null: the user has no account */
    " external_id @TEXT," /* as the platform shows it */
    " email @TEXT,"       /* as it shows, folded */
    " tie @TEXT NOT NULL,"
    " status @TEXT NOT NULL,"
    " state @TEXT NOT NULL," /* JSON: people/stored_account.h */
    " dirty BIGINT NOT NULL,"
    " due_on BIGINT,"
    " gone_on BIGINT,"
    " excluded_on BIGINT,"
    " listed_run BIGINT,"
    " verb @TEXT,"
    " code @TEXT,"
    " sentence @TEXT,"
    " waits @TEXT,"
    " remedy @TEXT,"
    " approval @TEXT," /* what a person is asked */
    " approves @TEXT,"
    " decided_on BIGINT,"
    " PRIMARY KEY (company_id, account_id),"
    " FOREIGN KEY (company_id, destination_id) REFERENCES destination (company_id, destination_id));"
    "CREATE UNIQUE INDEX account_user ON account (company_id, destination_id, user_id) WHERE user_id IS NOT NULL;"
    "CREATE UNIQUE INDEX account_remote ON account (company_id, destination_id, remote_id) WHERE remote_id IS NOT NULL;"
    "CREATE INDEX account_email ON account (company_id, destination_id, email) WHERE email IS NOT NULL;"
    "CREATE INDEX account_external ON account (company_id, destination_id, external_id) WHERE external_id IS NOT NULL;"
    "CREATE INDEX account_dirty ON account (company_id, destination_id, account_id) WHERE dirty = 1;"
    "CREATE INDEX account_waits ON account (company_id, destination_id, account_id) WHERE waits IN ('other', 'reading');"
    "CREATE INDEX account_due ON account (company_id, destination_id, due_on) WHERE due_on IS NOT NULL;"
    "CREATE INDEX account_whose ON account (company_id, user_id) WHERE user_id IS NOT NULL;"
    "CREATE INDEX user_manager ON \"user\" (company_id, integration_id, manager) WHERE manager IS NOT NULL;"

    /* A team of the directory's on a platform. */
    "CREATE TABLE team_link ("
    " company_id BIGINT NOT NULL,"
    " destination_id BIGINT NOT NULL,"
    " team_id BIGINT NOT NULL,"
    " remote_id @TEXT NOT NULL,"
    " origin @TEXT NOT NULL," /* ours, adopted */
    " external_id @TEXT,"
    " name @TEXT," /* as it is called there */
    " members BIGINT NOT NULL,"
    " deleted BIGINT NOT NULL,"  /* 1: the platform has it no more */
    " recreate BIGINT NOT NULL," /* 1: a person said that it may be made again, 2: that it may not */
    " PRIMARY KEY (company_id, destination_id, team_id),"
    " FOREIGN KEY (company_id, team_id) REFERENCES team (company_id, team_id),"
    " FOREIGN KEY (company_id, destination_id) REFERENCES destination (company_id, destination_id));"

    /* Each planned call of a delivery, and what came of it. */
    "CREATE TABLE effect ("
    " company_id BIGINT NOT NULL,"
    " run_id BIGINT NOT NULL,"
    " effect_id BIGINT NOT NULL,"
    " pass BIGINT NOT NULL,"
    " account_id BIGINT,"
    " user_id BIGINT,"
    " team_id BIGINT,"
    " verb @TEXT NOT NULL,"
    " code @TEXT NOT NULL,"
    " sentence @TEXT NOT NULL,"
    " plan @TEXT NOT NULL,"
    " classes @TEXT NOT NULL," /* names of the guard's classes, with blanks between */
    " state @TEXT NOT NULL,"
    " answer @TEXT,"
    " at_us BIGINT NOT NULL,"
    " PRIMARY KEY (company_id, run_id, effect_id),"
    " FOREIGN KEY (company_id, run_id) REFERENCES run (company_id, run_id));"
    "CREATE INDEX effect_state ON effect (company_id, run_id, pass, effect_id) WHERE state IN ('planned', 'sent');"
    "CREATE INDEX effect_user ON effect (company_id, user_id, run_id) WHERE user_id IS NOT NULL;";
