/* What has become of the tables since (schema_tables.c), and those that have come to them; the oldest first. */
#include "store/schema_p.h"

const char schema_6[] =
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

const char schema_7[] =
    /* Of a delivery: its effects up to this one, of this pass, have been handed to lanes. What of them
     * is still planned may be under way; after a crash nobody knows. */
    "ALTER TABLE run ADD COLUMN sent_pass BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE run ADD COLUMN sent_to BIGINT NOT NULL DEFAULT 0;"
    "UPDATE effect SET state = 'planned' WHERE state = 'sent';"
    "DROP INDEX effect_state;"
    "CREATE INDEX effect_planned ON effect (company_id, run_id, pass, effect_id) WHERE state = 'planned';"
    "CREATE INDEX effect_unsure ON effect (company_id, run_id) WHERE state = 'unsure';";

const char schema_8[] =
    /* Each import paid for its own order, and all that asked was account_mark_run(), once a run. */
    "DROP INDEX user_manager;";

const char schema_9[] =
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

const char schema_10[] =
    /* account.dirty counts: who looks at somebody ends only those marks that were there before. */
    "DROP INDEX account_dirty;"
    "CREATE INDEX account_dirty ON account (company_id, destination_id, account_id) WHERE dirty <> 0;";

const char schema_11[] = "ALTER TABLE audit ADD COLUMN before @TEXT;" /* JSON */
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

const char schema_12[] =
    /* Put back from a backup then, and no delivery has gone well since: store/restored.h. */
    "ALTER TABLE destination ADD COLUMN restored_at BIGINT;";

const char schema_13[] =
    "ALTER TABLE company ADD COLUMN retention @TEXT;"; /* JSON: days that differ from the usual */

const char schema_14[] =
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

const char schema_15[] =
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

const char schema_16[] = "CREATE TABLE installation (" /* one row: store/keyring.h */
                         " installation_id BIGINT NOT NULL PRIMARY KEY,"
                         " key_id @TEXT NOT NULL,"
                         " inner_sealed BYTEA NOT NULL,"
                         " rotated_at BIGINT,"
                         " rotated_by @TEXT);";

const char schema_17[] =
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
const char schema_18[] = "CREATE TABLE errand ("
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

const char schema_19[] =
    /* What has ended since then: whoever was away asks so. */
    "CREATE INDEX run_ended ON run (company_id, ended_at) WHERE ended_at IS NOT NULL;" UNDERWAY;

const char schema_20[] = WEBHOOK_TRIES
    "UPDATE job SET priority = CASE kind WHEN 'decision' THEN 40 WHEN 'delivery' THEN 20"
    " WHEN 'sync' THEN 20 WHEN 'errand' THEN 40 ELSE 0 END WHERE priority = 0;";

const char schema_21[] =
    /* The one that rollcall keeps in HR by itself. */
    "ALTER TABLE webhook ADD COLUMN remote_id @TEXT;"
    "ALTER TABLE webhook ADD COLUMN state @TEXT NOT NULL DEFAULT 'new';" /* kept, by-hand, failing */
    "ALTER TABLE webhook ADD COLUMN note @TEXT;"                         /* a sentence about it */
    "ALTER TABLE webhook ADD COLUMN looked_at BIGINT;"
    "ALTER TABLE webhook ADD COLUMN kept_for @TEXT;"     /* the public address it was made for */
    "ALTER TABLE webhook ADD COLUMN kept_made BIGINT;"   /* made_at of the secrets that are there */
    "ALTER TABLE webhook ADD COLUMN heard_until BIGINT;" /* what was missed is read up to there */
    "ALTER TABLE webhook ADD COLUMN ends BIGINT NOT NULL DEFAULT 0;"; /* 1: to be deleted there */

const char schema_22[] =
    "ALTER TABLE company ADD COLUMN suspended_at BIGINT;" /* null: it is not */
    "ALTER TABLE company ADD COLUMN suspended_by @TEXT;"
    "ALTER TABLE company ADD COLUMN suspended_why @TEXT;"
    "ALTER TABLE company ADD COLUMN sources @TEXT;" /* names with commas between them, "," for none; null: all */
    "ALTER TABLE company ADD COLUMN destinations @TEXT;";

const char schema_23[] =
    /* Since when it is in no log of a file either; null: not yet, as far as we know. */
    "ALTER TABLE erasure ADD COLUMN logs_at BIGINT;"
    "CREATE INDEX erasure_logs ON erasure (company_id, erasure_id) WHERE logs_at IS NULL;";

const char schema_24[] =
    "ALTER TABLE webhook ADD COLUMN kept_at BIGINT;"    /* since when it has been there, enabled */
    "ALTER TABLE webhook ADD COLUMN failing_at BIGINT;" /* since when it cannot be kept; null: it is */
    "ALTER TABLE webhook ADD COLUMN silent_at BIGINT;"; /* nothing has come since, though it should */

const char schema_25[] =
    /* Which job is next is asked often, and by companies of thousands. */
    "UPDATE job SET priority = 25 WHERE kind = 'delivery' AND priority = 20;"
    "CREATE INDEX job_served ON job (company_id, claimed_us) WHERE claimed_us IS NOT NULL;"
    "CREATE INDEX job_claimed ON job (owner, company_id) WHERE owner IS NOT NULL;"
    "CREATE INDEX job_free ON job (run_at_us) WHERE run_at_us IS NOT NULL AND owner IS NULL;"
    /* Numbers that are given once, whatever is removed: what was given last. */
    "CREATE TABLE counter (name @TEXT NOT NULL PRIMARY KEY, last BIGINT NOT NULL);"
    "INSERT INTO counter (name, last) SELECT 'company', COALESCE(MAX(company_id), 0) FROM company;";

/* Nothing changes but the number. What undoing needs may stand beside the plan from here on (effect.did): a
 * program that does not know that would say that there is nothing to take back. */
const char schema_26[] = "";

const char schema_27[] =
    /* A team that is not linked, and waits for what teams there are called: what was found when they were
     * listed last. */
    "CREATE TABLE team_namesake ("
    " company_id BIGINT NOT NULL,"
    " destination_id BIGINT NOT NULL,"
    " team_id BIGINT NOT NULL,"
    " name @TEXT NOT NULL,"        /* that was looked for, as HR stated it */
    " found BIGINT NOT NULL,"      /* teams there that were called so, and linked to nothing */
    " one_id @TEXT,"               /* of the only one */
    " is_foreign BIGINT NOT NULL," /* 1: it carries another connector's external id */
    " PRIMARY KEY (company_id, destination_id, team_id),"
    " FOREIGN KEY (company_id, team_id) REFERENCES team (company_id, team_id),"
    " FOREIGN KEY (company_id, destination_id) REFERENCES destination (company_id, destination_id));";

const char schema_28[] =
    /* Those that were found, some ten of them: store/team_link.h. */
    "ALTER TABLE team_namesake ADD COLUMN candidates @TEXT;"
    /* The team that a person had chosen, where it was not among them. */
    "ALTER TABLE team_namesake ADD COLUMN missed_id @TEXT;"
    /* Of an account that an undo has opened: for what it had been closed, as was so then (policy_cause_name(), with
     * commas); null: not known. */
    "ALTER TABLE pin ADD COLUMN undone @TEXT;"
    /* A team that is not linked: what a person has said about it, and what the platform refused. */
    "CREATE TABLE team_word ("
    " company_id BIGINT NOT NULL,"
    " destination_id BIGINT NOT NULL,"
    " team_id BIGINT NOT NULL,"
    " word @TEXT,"         /* team_word_name(); null: nothing was said */
    " chosen_id @TEXT,"    /* with link: of the team there; with create: HR's name for it then */
    " refused_name @TEXT," /* that was sent; null: nothing was refused */
    " refused_id @TEXT,"   /* of the team there that was to be linked; null: one was to be made */
    " refused_said @TEXT," /* the platform's words */
    " PRIMARY KEY (company_id, destination_id, team_id),"
    " FOREIGN KEY (company_id, team_id) REFERENCES team (company_id, team_id),"
    " FOREIGN KEY (company_id, destination_id) REFERENCES destination (company_id, destination_id));";
