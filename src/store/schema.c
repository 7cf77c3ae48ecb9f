#include "store/schema.h"
#include "store/schema_p.h"

/* Primary keys begin with the company, as does every foreign key. Ids come from company.next_id,
 * ascending, so that a first import appends. Times are microseconds since 1970 UTC. JSON columns
 * are described where they are written. Rows that are narrow and read in the order of their key are
 * kept in it (@CLUSTERED); wide ones, with their JSON, are appended. */
static const char first[] =
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

static const char second[] =
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

static const char third[] =
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

static const char fourth[] =
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

static const char fifth[] =
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

static const char sixth[] =
    /* What an undo holds: subject_id is a user or a team. */
    "CREATE TABLE pin ("
    " company_id BIGINT NOT NULL,"
    " destination_id BIGINT NOT NULL,"
    " subject_id BIGINT NOT NULL,"
    " field @TEXT NOT NULL,"
    " value @TEXT," /* that was undone, as HR states it; null: HR had emptied it */
    " run_id BIGINT NOT NULL,"
    " made_at BIGINT NOT NULL,"
    " PRIMARY KEY (company_id, destination_id, subject_id, field),"
    " FOREIGN KEY (company_id, run_id) REFERENCES run (company_id, run_id),"
    " FOREIGN KEY (company_id, destination_id) REFERENCES destination (company_id, destination_id));"
    "CREATE INDEX pin_subject ON pin (company_id, subject_id);"
    /* What has to be known to undo an effect, written when it is carried out. */
    "ALTER TABLE effect ADD COLUMN remote_id @TEXT;" /* on which account, or team */
    "ALTER TABLE effect ADD COLUMN did @TEXT;"       /* JSON: what was sent, where it differs */
    "ALTER TABLE effect ADD COLUMN had @TEXT;";      /* JSON: what it took away besides */

static const char seventh[] =
    /* Of a delivery: its effects up to this one, of this pass, have been handed to lanes. What of them
     * is still planned may be under way; after a crash nobody knows. */
    "ALTER TABLE run ADD COLUMN sent_pass BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE run ADD COLUMN sent_to BIGINT NOT NULL DEFAULT 0;"
    "UPDATE effect SET state = 'planned' WHERE state = 'sent';"
    "DROP INDEX effect_state;"
    "CREATE INDEX effect_planned ON effect (company_id, run_id, pass, effect_id) WHERE state = 'planned';"
    "CREATE INDEX effect_unsure ON effect (company_id, run_id) WHERE state = 'unsure';";

static const char eighth[] =
    /* Each import paid for its own order, and all that asked was account_mark_run(), once a run. */
    "DROP INDEX user_manager;";

static const char ninth[] =
    /* A row with run_at_us is work to be done (store/job.h); one without is a lease and nothing more,
     * or work that has been done. */
    "ALTER TABLE job ADD COLUMN company_id BIGINT;" /* null: a lease */
    "ALTER TABLE job ADD COLUMN subject_id BIGINT;" /* an integration or a destination of it */
    "ALTER TABLE job ADD COLUMN run_at_us BIGINT;"
    "ALTER TABLE job ADD COLUMN again_us BIGINT;" /* asked for while it is being worked on */
    "ALTER TABLE job ADD COLUMN claimed_us BIGINT;"
    "ALTER TABLE job ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;" /* higher goes first */
    "ALTER TABLE job ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;" /* since it last went well */
    "CREATE INDEX job_due ON job (run_at_us) WHERE run_at_us IS NOT NULL;"
    "CREATE INDEX job_company ON job (company_id, subject_id) WHERE company_id IS NOT NULL;"
    "ALTER TABLE integration ADD COLUMN schedule @TEXT;" /* base/schedule.h; null: off */
    "CREATE INDEX run_started ON run (started_at);";

static const char tenth[] =
    /* account.dirty counts: who looks at somebody ends only those marks that were there before. */
    "DROP INDEX account_dirty;"
    "CREATE INDEX account_dirty ON account (company_id, destination_id, account_id) WHERE dirty <> 0;";

static const char eleventh[] = "ALTER TABLE audit ADD COLUMN before @TEXT;" /* JSON */
                               "ALTER TABLE audit ADD COLUMN after @TEXT;"
                               "CREATE TABLE api_token ("
                               " token_id @TEXT PRIMARY KEY,"
                               " company_id BIGINT," /* null: of the installation */
                               " name @TEXT NOT NULL,"
                               " rights @TEXT NOT NULL,"
                               " hash BYTEA NOT NULL," /* of the secret part */
                               " made_by @TEXT NOT NULL,"
                               " made_at BIGINT NOT NULL,"
                               " expires_at BIGINT," /* null: never */
                               " used_at BIGINT,"
                               " FOREIGN KEY (company_id) REFERENCES company (company_id));"
                               "CREATE TABLE idempotency_key ("
                               " token_id @TEXT NOT NULL,"
                               " key @TEXT NOT NULL,"
                               " request BYTEA NOT NULL,"
                               " status BIGINT NOT NULL," /* 0: being done */
                               " body @TEXT,"
                               " at_us BIGINT NOT NULL,"
                               " PRIMARY KEY (token_id, key));"
                               "CREATE INDEX idempotency_at ON idempotency_key (at_us);"
                               "CREATE TABLE decision ("
                               " company_id BIGINT NOT NULL,"
                               " run_id BIGINT NOT NULL,"
                               " yes BIGINT NOT NULL,"
                               " who @TEXT NOT NULL,"
                               " because @TEXT NOT NULL,"
                               " made_at BIGINT NOT NULL,"
                               " PRIMARY KEY (company_id, run_id),"
                               " FOREIGN KEY (company_id) REFERENCES company (company_id));";

static const char twelfth[] =
    /* Put back from a backup then, and no delivery has gone well since: store/restored.h. */
    "ALTER TABLE destination ADD COLUMN restored_at BIGINT;";

static const char thirteenth[] =
    "ALTER TABLE company ADD COLUMN retention @TEXT;"; /* JSON: days that differ from the usual */

/* What webhooks have told (store/hook_event.h). On SQLite its rows lie in a file of their own. */
#define WEBHOOK_EVENT                                                                              \
    "CREATE TABLE webhook_event ("                                                                 \
    " company_id BIGINT NOT NULL,"                                                                 \
    " integration_id BIGINT NOT NULL,"                                                             \
    " digest @TEXT NOT NULL,"                                                                      \
    " name @TEXT,"                                                                                 \
    " source_id @TEXT,"                                                                            \
    " occurred_at BIGINT,"                                                                         \
    " arrived_at BIGINT NOT NULL,"                                                                 \
    " last_at BIGINT NOT NULL,"                                                                    \
    " times BIGINT NOT NULL,"                                                                      \
    " state @TEXT NOT NULL,"                                                                       \
    " wanted_at BIGINT NOT NULL,"                                                                  \
    " run_id BIGINT,"                                                                              \
    " PRIMARY KEY (company_id, integration_id, digest));"                                          \
    "CREATE INDEX webhook_event_open ON webhook_event (company_id, integration_id)"                \
    " WHERE state IN ('new', 'asked', 'again');"                                                   \
    "CREATE INDEX webhook_event_last ON webhook_event (company_id, integration_id, last_at);"

static const char fourteenth[] =
    /* Where an HR system tells that something has changed. */
    "CREATE TABLE webhook ("
    " company_id BIGINT NOT NULL,"
    " integration_id BIGINT NOT NULL,"
    " address_digest BYTEA NOT NULL UNIQUE,"
    " token_digest BYTEA NOT NULL,"
    " secrets BYTEA NOT NULL," /* both, sealed */
    " made_at BIGINT NOT NULL,"
    " PRIMARY KEY (company_id, integration_id),"
    " FOREIGN KEY (company_id, integration_id) REFERENCES integration (company_id, integration_id));"
    /* One listing of everybody after the other: when the last one began. */
    "CREATE INDEX run_subject ON run (company_id, subject_id, started_at);" WEBHOOK_EVENT;

/* How far what is under way is (store/underway.h). On SQLite its rows lie in that other file, too. */
#define UNDERWAY                                                                                   \
    "CREATE TABLE underway ("                                                                      \
    " company_id BIGINT NOT NULL,"                                                                 \
    " subject_id BIGINT NOT NULL,"                                                                 \
    " at_us BIGINT NOT NULL,"                                                                      \
    " phase @TEXT NOT NULL,"                                                                       \
    " line @TEXT NOT NULL,"                                                                        \
    " done BIGINT NOT NULL,"                                                                       \
    " of_n BIGINT NOT NULL,"                                                                       \
    " failed BIGINT NOT NULL,"                                                                     \
    " left_s BIGINT NOT NULL,"                                                                     \
    " per_second BIGINT NOT NULL,"                                                                 \
    " wait_us BIGINT NOT NULL,"                                                                    \
    " PRIMARY KEY (company_id, subject_id));"

static const char first_events[] = WEBHOOK_EVENT;
static const char second_events[] = UNDERWAY;

/* Single people are looked at on a hint: how often each has been. */
#define WEBHOOK_TRIES "ALTER TABLE webhook_event ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;"
static const char third_events[] = WEBHOOK_TRIES;
/* What has arrived a moment ago, by rowid; without an index, so that it is soon durable (store/hook_arrive.c).
 * Only in that other file. */
static const char fourth_events[] = "CREATE TABLE webhook_arrived ("
                                    " company_id BIGINT NOT NULL,"
                                    " integration_id BIGINT NOT NULL,"
                                    " digest @TEXT NOT NULL,"
                                    " repeats BIGINT NOT NULL,"
                                    " name @TEXT,"
                                    " source_id @TEXT,"
                                    " occurred_at BIGINT NOT NULL,"
                                    " first_at BIGINT NOT NULL,"
                                    " last_at BIGINT NOT NULL,"
                                    " times BIGINT NOT NULL);";
const struct db_migration schema_events[] = {
    { 1, first_events }, { 2, second_events }, { 3, third_events }, { 4, fourth_events }
};
const size_t schema_events_n = sizeof schema_events / sizeof *schema_events;

static const char fifteenth[] =
    /* Receipts for people who were erased: nothing in them names anybody. */
    "CREATE TABLE erasure ("
    " company_id BIGINT NOT NULL,"
    " erasure_id BIGINT NOT NULL,"
    " at_us BIGINT NOT NULL,"
    " who @TEXT NOT NULL,"
    " reason @TEXT NOT NULL,"
    " person BYTEA NOT NULL,"  /* keyed digest of integration and id in HR */
    " removed BYTEA NOT NULL," /* keyed digest of all that was held */
    " counts @TEXT NOT NULL,"  /* JSON: rows by part */
    " kept @TEXT NOT NULL,"    /* JSON: sentences */
    " PRIMARY KEY (company_id, erasure_id),"
    " FOREIGN KEY (company_id) REFERENCES company (company_id));";

static const char sixteenth[] = "CREATE TABLE installation (" /* one row: store/keyring.h */
                                " installation_id BIGINT NOT NULL PRIMARY KEY,"
                                " key_id @TEXT NOT NULL,"
                                " inner_sealed BYTEA NOT NULL,"
                                " rotated_at BIGINT,"
                                " rotated_by @TEXT);";

static const char seventeenth[] =
    /* What has not gone well since it last did, one row an integration or a destination. */
    "CREATE TABLE trouble ("
    " company_id BIGINT NOT NULL,"
    " subject_id BIGINT NOT NULL,"
    " attempts BIGINT NOT NULL,"
    " since_us BIGINT NOT NULL,"
    " last_us BIGINT NOT NULL,"
    " code @TEXT NOT NULL,"
    " name @TEXT NOT NULL,"
    " sentence @TEXT NOT NULL,"
    " PRIMARY KEY (company_id, subject_id),"
    " FOREIGN KEY (company_id) REFERENCES company (company_id));"

    /* Whom a company has told, in this order. */
    "CREATE TABLE alert_to ("
    " company_id BIGINT NOT NULL,"
    " place BIGINT NOT NULL,"
    " address @TEXT NOT NULL,"
    " PRIMARY KEY (company_id, place),"
    " FOREIGN KEY (company_id) REFERENCES company (company_id));"

    "CREATE TABLE alert ("
    " company_id BIGINT NOT NULL,"
    " subject_id BIGINT NOT NULL," /* an integration or a destination */
    " cause @TEXT NOT NULL,"
    " run_id BIGINT," /* the last that it was about */
    " since_us BIGINT NOT NULL,"
    " told_us BIGINT,"         /* also before since_us: then nobody is told anew within a day */
    " told_n BIGINT NOT NULL," /* since since_us */
    " over_us BIGINT,"         /* null: it is open */
    " muted_us BIGINT,"        /* until then nobody is told */
    " PRIMARY KEY (company_id, subject_id, cause),"
    " FOREIGN KEY (company_id) REFERENCES company (company_id));"
    "CREATE INDEX alert_open ON alert (cause) WHERE over_us IS NULL;"

    "CREATE TABLE alert_mail ("
    " company_id BIGINT NOT NULL,"
    " subject_id BIGINT NOT NULL,"
    " cause @TEXT NOT NULL,"
    " recipient @TEXT NOT NULL,"
    " kind @TEXT NOT NULL,"     /* open, over */
    " audience @TEXT NOT NULL," /* company, operator */
    " state @TEXT NOT NULL,"    /* waiting, sent, refused, dropped */
    " made_us BIGINT NOT NULL,"
    " try_us BIGINT NOT NULL," /* of one that waits: not before */
    " tries BIGINT NOT NULL,"
    " arrived BIGINT NOT NULL," /* 1: it was taken, or may have been */
    " answer @TEXT,"
    " PRIMARY KEY (company_id, subject_id, cause, recipient, kind),"
    " FOREIGN KEY (company_id, subject_id, cause) REFERENCES alert (company_id, subject_id, cause));"
    "CREATE INDEX alert_mail_waits ON alert_mail (state) WHERE state = 'waiting';";

/* What somebody has asked for that a worker does: store/errand.h. */
static const char eighteenth[] = "CREATE TABLE errand ("
                                 " company_id BIGINT NOT NULL,"
                                 " errand_id BIGINT NOT NULL,"
                                 " kind @TEXT NOT NULL,"
                                 " state @TEXT NOT NULL," /* waiting, done, failed */
                                 " subject_id BIGINT NOT NULL,"
                                 " about @TEXT,"
                                 " wants @TEXT," /* JSON; null once it has ended */
                                 " who @TEXT NOT NULL,"
                                 " made_us BIGINT NOT NULL,"
                                 " ended_us BIGINT,"
                                 " runs @TEXT NOT NULL,"
                                 " result @TEXT,"
                                 " error_name @TEXT,"
                                 " error_text @TEXT,"
                                 " PRIMARY KEY (company_id, errand_id),"
                                 " FOREIGN KEY (company_id) REFERENCES company (company_id));";

static const char nineteenth[] =
    /* What has ended since then: whoever was away asks so. */
    "CREATE INDEX run_ended ON run (company_id, ended_at) WHERE ended_at IS NOT NULL;" UNDERWAY;

static const char twentieth[] = WEBHOOK_TRIES
    "UPDATE job SET priority = CASE kind WHEN 'decision' THEN 40 WHEN 'delivery' THEN 20"
    " WHEN 'sync' THEN 20 WHEN 'errand' THEN 40 ELSE 0 END WHERE priority = 0;";

static const char twenty_first[] =
    /* The one that rollcall keeps in HR by itself. */
    "ALTER TABLE webhook ADD COLUMN remote_id @TEXT;"
    "ALTER TABLE webhook ADD COLUMN state @TEXT NOT NULL DEFAULT 'new';" /* kept, by-hand, failing */
    "ALTER TABLE webhook ADD COLUMN note @TEXT;"                         /* a sentence about it */
    "ALTER TABLE webhook ADD COLUMN looked_at BIGINT;"
    "ALTER TABLE webhook ADD COLUMN kept_for @TEXT;"     /* the public address it was made for */
    "ALTER TABLE webhook ADD COLUMN kept_made BIGINT;"   /* made_at of the secrets that are there */
    "ALTER TABLE webhook ADD COLUMN heard_until BIGINT;" /* what was missed is read up to there */
    "ALTER TABLE webhook ADD COLUMN ends BIGINT NOT NULL DEFAULT 0;"; /* 1: to be deleted there */

static const char twenty_second[] =
    "ALTER TABLE company ADD COLUMN suspended_at BIGINT;" /* null: it is not */
    "ALTER TABLE company ADD COLUMN suspended_by @TEXT;"
    "ALTER TABLE company ADD COLUMN suspended_why @TEXT;"
    "ALTER TABLE company ADD COLUMN sources @TEXT;" /* names with commas between them, "," for none; null: all */
    "ALTER TABLE company ADD COLUMN destinations @TEXT;";

const struct db_migration schema_migrations[] = {
    { 1, first },         { 2, second },         { 3, third },       { 4, fourth },
    { 5, fifth },         { 6, sixth },          { 7, seventh },     { 8, eighth },
    { 9, ninth },         { 10, tenth },         { 11, eleventh },   { 12, twelfth },
    { 13, thirteenth },   { 14, fourteenth },    { 15, fifteenth },  { 16, sixteenth },
    { 17, seventeenth },  { 18, eighteenth },    { 19, nineteenth }, { 20, twentieth },
    { 21, twenty_first }, { 22, twenty_second }, { 23, schema_23 },  { 24, schema_24 },
    { 25, schema_25 },    { 26, schema_26 },     { 27, schema_27 },  { 28, schema_28 },
};
const size_t schema_migrations_n = sizeof schema_migrations / sizeof *schema_migrations;
